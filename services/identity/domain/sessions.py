"""A session: one sign-in, kept alive by refresh tokens each of which serves once."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.identity.domain.proofs import is_strong
from shared.errors import N_, Unauthenticated


class WrongCredentials(Unauthenticated):
    """Unknown address or wrong password: told apart nowhere."""

    code = "wrong-credentials"
    title = N_("Address or password not right")
    sentence = N_("This e-mail address and this password do not match.")
    remedy = N_("Check both; if you have no account yet, use the code the town hall sent you.")


class SessionOver(Unauthenticated):
    code = "session-over"
    title = N_("Session over")
    sentence = N_("This session is over, or was ended because its token was used twice.")
    remedy = N_("Sign in again.")


class SessionReused(SessionOver):
    """A refresh token that had already served: somebody else may have it."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """`secret_hash` is that of the only refresh token that still serves.

    `methods`: how its owner proved who they are, last at `authenticated_at`; `seen_at`: its last refresh;
    `device`: short words for the browser it was opened in; `client_id`: the site it was opened for, if not the portal.
    """

    id: str
    account_id: str
    secret_hash: str
    opened_at: datetime
    expires_at: datetime
    methods: tuple[str, ...]
    authenticated_at: datetime
    seen_at: datetime
    device: str = ""
    client_id: str = ""

    @property
    def strong(self) -> bool:
        return is_strong(self.methods)

    def proved(self, methods: Iterable[str], at: datetime) -> "Session":
        """Its owner proved who they are once more."""
        return replace(self, methods=tuple(sorted({*self.methods, *methods})), authenticated_at=at)


@dataclass(frozen=True, kw_only=True)
class SessionLife:
    """A session ends `idle` after its last refresh, and `longest` after the sign-in whatever happens."""

    idle: timedelta
    longest: timedelta

    def end(self, opened_at: datetime, now: datetime) -> datetime:
        return min(now + self.idle, opened_at + self.longest)


def refresh_token(session_id: str, secret: str) -> str:
    """What the client keeps: the session names the family of tokens, the secret is the token itself."""
    return f"{session_id}.{secret}"


def read_refresh_token(token: str) -> tuple[str, str]:
    """Session id and hash of the secret. Raises `SessionOver`."""
    session_id, dot, secret = token.partition(".")
    if not (session_id and dot and secret):
        raise SessionOver()
    return session_id, secret_hash(secret)


def secret_hash(secret: str) -> str:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""What a site holds of a sign-in: a code for a minute, then a grant with its access and perhaps a refresh token."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.identity.domain.clients import Client
from services.identity.domain.proofs import is_strong
from services.identity.domain.sessions import Session, SessionLife, refresh_token, secret_hash
from shared.ids import new_id

CODE_LIFE = timedelta(seconds=60)
# A code that has served is still recognised, so that a second use ends what the first one gave.
CODE_KNOWN_FOR = timedelta(minutes=15)
OFFLINE = "offline_access"
API = "preau"


@dataclass(frozen=True, kw_only=True)
class Code:
    """`id` is the hash of the code; `grant_id` the grant it becomes, which can be made only once."""

    id: str
    grant_id: str
    client_id: str
    account_id: str
    session_id: str
    redirect_uri: str
    scopes: frozenset[str]
    nonce: str
    code_challenge: str = field(repr=False)
    methods: tuple[str, ...]
    authenticated_at: datetime
    issued_at: datetime

    def serves(self, client_id: str, now: datetime) -> bool:
        return self.client_id == client_id and now < self.issued_at + CODE_LIFE


@dataclass(frozen=True, kw_only=True)
class Grant:
    """`refresh_hash` is that of the only refresh token that still serves, empty when the site got none."""

    id: str
    client_id: str
    account_id: str
    session_id: str
    """The sign-in it came from: `sid` of the site's ID token."""
    scopes: frozenset[str]
    methods: tuple[str, ...]
    authenticated_at: datetime
    opened_at: datetime
    expires_at: datetime
    refresh_hash: str = field(default="", repr=False)
    revoked_at: datetime | None = None

    def alive(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    @property
    def strong(self) -> bool:
        return is_strong(self.methods)

    @property
    def offline(self) -> bool:
        return OFFLINE in self.scopes

    @property
    def opens_api(self) -> bool:
        return API in self.scopes

    def refreshed(self, secret: str, life: SessionLife, now: datetime) -> "Grant":
        return replace(self, refresh_hash=secret_hash(secret), expires_at=life.end(self.opened_at, now))

    def refresh_token(self, secret: str) -> str:
        return refresh_token(self.id, secret)


@dataclass(frozen=True, kw_only=True)
class LogoutDue:
    """A site that has to be told that a sign-in ended; `tries` so far, this one included."""

    grant_id: str
    client_id: str
    account_id: str
    session_id: str
    tries: int


def code_hash(code: str) -> str:
    """Random beyond guessing: it needs no slow hash."""
    return hashlib.sha256(f"preau authorization code\n{code}".encode()).hexdigest()


def code_for(session: Session, client: Client, asked: Mapping[str, str], code: str, now: datetime) -> Code:
    """`asked`: the parameters of the authorization request, checked."""
    return Code(
        id=code_hash(code),
        grant_id=new_id("gnt"),
        client_id=client.id,
        account_id=session.account_id,
        session_id=session.id,
        redirect_uri=asked.get("redirect_uri", ""),
        scopes=frozenset(asked.get("scope", "").split()),
        nonce=asked.get("nonce", ""),
        code_challenge=asked.get("code_challenge", ""),
        methods=tuple(session.methods),
        authenticated_at=session.authenticated_at,
        issued_at=now,
    )


def grant_of(code: Code, session: Session, now: datetime) -> Grant:
    """It ends with the sign-in it came from, unless it is made to be refreshed."""
    return Grant(
        id=code.grant_id,
        client_id=code.client_id,
        account_id=code.account_id,
        session_id=code.session_id,
        scopes=code.scopes,
        methods=code.methods,
        authenticated_at=code.authenticated_at,
        opened_at=now,
        expires_at=session.expires_at,
    )

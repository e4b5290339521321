"""The second factors of an account: an authenticator app, passkeys, and recovery codes for the day both are lost."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.identity.domain.proofs import OTP, PASSKEY, RECOVERY_CODE
from shared.errors import N_, BadInput, Refused

RECOVERY_CODES = 10
MOST_PASSKEYS = 10
PENDING_FOR = timedelta(minutes=30)
# Without 0, 1, 8 and 9, which look like letters: 80 random bits in four groups.
RECOVERY_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
RECOVERY_LENGTH, RECOVERY_GROUP = 16, 4


class SecondFactorKept(Refused):
    """An agent's last second factor."""

    code = "second-factor-kept"
    title = N_("Second factor needed")
    sentence = N_("Agents of a town hall sign in with a second factor: the last one cannot be removed.")
    remedy = N_("Add a passkey or another authenticator app first, then remove this one.")


class AppThere(Refused):
    code = "authenticator-app-there"
    title = N_("Authenticator app already there")
    sentence = N_("This account has an authenticator app already.")
    remedy = N_("Remove it first to use another one.")


class NoAppPending(Refused):
    code = "no-authenticator-app-pending"
    title = N_("Nothing to confirm")
    sentence = N_("No authenticator app is being added, or its secret was shown more than 30 minutes ago.")
    remedy = N_("Start adding the app again.")


class AppCodeWrong(BadInput):
    code = "authenticator-code-wrong"
    title = N_("Code not right")
    sentence = N_("This is not the code the app shows now.")
    remedy = N_("Check that the clock of your phone is set automatically, and enter the next code.")


class TooManyPasskeys(Refused):
    code = "too-many-passkeys"
    title = N_("Too many passkeys")
    sentence = N_("An account has at most 10 passkeys.")
    remedy = N_("Remove one you no longer use.")


class NoSecondFactor(Refused):
    code = "no-second-factor"
    title = N_("No second factor")
    sentence = N_("Recovery codes come with an authenticator app or a passkey; this account has neither.")
    remedy = N_("Add an authenticator app or a passkey first.")


@dataclass(frozen=True, kw_only=True)
class App:
    """An authenticator app; `secret` is sealed; `last_step`: the newest 30 seconds whose code has served.

    `session_id`: where it is being added. Nobody confirms a secret that another session was shown.
    """

    secret: bytes = field(repr=False)
    added_at: datetime
    last_step: int = 0
    session_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Passkey:
    """`id`: the credential's own, base64url; `public_key`: COSE; `sign_count`: never goes back."""

    id: str
    name: str
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...] = ()
    added_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Factors:
    """`pending`: an app whose first code has not come yet. Recovery codes are kept as hashes, each served once."""

    account_id: str
    app: App | None = None
    pending: App | None = None
    recovery_codes: frozenset[str] = frozenset()
    passkeys: tuple[Passkey, ...] = ()
    version: int = 0

    @property
    def enrolled(self) -> bool:
        return bool(self.app or self.passkeys)

    @property
    def methods(self) -> tuple[str, ...]:
        """What a second step may ask for, the likeliest first."""
        if not self.enrolled:
            return ()
        there = {OTP: self.app, PASSKEY: self.passkeys, RECOVERY_CODE: self.recovery_codes}
        return tuple(method for method, kept in there.items() if kept)

    def passkey(self, credential_id: str) -> Passkey | None:
        return next((one for one in self.passkeys if one.id == credential_id), None)

    def adding_app(self, secret: bytes, session_id: str, at: datetime) -> "Factors":
        """Raises `AppThere`."""
        if self.app:
            raise AppThere()
        return replace(self, pending=App(secret=secret, added_at=at, session_id=session_id))

    def is_adding(self, session_id: str, now: datetime) -> bool:
        """Whether an app is being added in that session."""
        pending = self.pending
        return pending is not None and pending.session_id == session_id and now - pending.added_at <= PENDING_FOR

    def pending_app(self, session_id: str, now: datetime) -> App:
        """Raises `NoAppPending`."""
        if self.pending is None or not self.is_adding(session_id, now):
            raise NoAppPending()
        return self.pending

    def with_app(self, pending: App, step: int, at: datetime) -> "Factors":
        """The pending app shows the right code: it counts from now on, that code does not."""
        return replace(self, app=replace(pending, added_at=at, last_step=step, session_id=""), pending=None)

    def without_app(self, *, needed: bool) -> "Factors":
        """`needed`: its owner may not do without. Raises `SecondFactorKept`."""
        return replace(self, app=None, pending=None).kept(needed=needed)

    def with_passkey(self, passkey: Passkey) -> "Factors":
        """Raises `TooManyPasskeys`."""
        if len(self.passkeys) >= MOST_PASSKEYS:
            raise TooManyPasskeys()
        return replace(self, passkeys=(*self.passkeys, passkey))

    def without_passkey(self, credential_id: str, *, needed: bool) -> "Factors":
        """Raises `SecondFactorKept`."""
        return replace(self, passkeys=tuple(one for one in self.passkeys if one.id != credential_id)).kept(
            needed=needed
        )

    def kept(self, *, needed: bool) -> "Factors":
        """Recovery codes go with the last factor."""
        if self.enrolled:
            return self
        if needed:
            raise SecondFactorKept()
        return replace(self, recovery_codes=frozenset())

    def with_recovery_codes(self, codes: list[str]) -> "Factors":
        """In place of the former ones. Raises `NoSecondFactor`."""
        if not self.enrolled:
            raise NoSecondFactor()
        return replace(self, recovery_codes=frozenset(recovery_hash(code) for code in codes))

    def without_recovery_code(self, code: str) -> "Factors | None":
        """None when it is none of these."""
        hashed = recovery_hash(code)
        if hashed not in self.recovery_codes:
            return None
        return replace(self, recovery_codes=self.recovery_codes - {hashed})


def recovery_code(letters: str) -> str:
    """`abcd-efgh-ijkl-mnop`."""
    return "-".join(letters[start : start + RECOVERY_GROUP] for start in range(0, len(letters), RECOVERY_GROUP))


def recovery_hash(code: str) -> str:
    """Spaces, hyphens and capitals do not count; 80 random bits need no slow hash."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).hexdigest()

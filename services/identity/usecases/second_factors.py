"""Adding and removing an authenticator app, passkeys and recovery codes."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.factors import (
    RECOVERY_ALPHABET,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    AppCodeWrong,
    Factors,
    Passkey,
    recovery_code,
)
from services.identity.domain.notices import (
    PASSKEY_ADDED,
    PASSKEY_REMOVED,
    SECOND_FACTOR_ADDED,
    SECOND_FACTOR_REMOVED,
    notice,
)
from services.identity.domain.passkeys import Site, signed_nonce
from services.identity.domain.proofs import OTP, PASSKEY, PasskeyNotMade, PasskeyWrong, Pending, Proven, challenge_id
from services.identity.domain.totp import new_secret, provisioning_uri
from services.identity.usecases.checking import Checking, app_place
from services.identity.usecases.sessions import Opened, SessionDesk
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound, Unauthenticated

ADDED_WITHIN = timedelta(minutes=10)
TO_ADD_PASSKEY = "add-passkey"
NONCE_BYTES = 32


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class FactorBook(Protocol):
    async def of(self, account_id: str) -> Factors: ...

    async def save(self, factors: Factors, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""


class Challenges(Protocol):
    async def add(self, pending: Pending) -> None: ...
    async def attempt(self, challenge_id: str, purpose: str, now: datetime) -> Pending | None: ...
    async def take(self, challenge_id: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class NewApp:
    secret: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """`recovery_codes`: shown once; none when the account had some already. `passkey`: the one just added.

    `opened`: the session, strong now; None when it was added without one of these (a page of the provider).
    """

    recovery_codes: list[str]
    opened: Opened | None
    passkey: Passkey | None = None


@dataclass(frozen=True, kw_only=True)
class SecondFactors:
    """Whoever calls has checked that the session is fresh (`Fresh`)."""

    accounts: Accounts
    factors: FactorBook
    challenges: Challenges
    checking: Checking
    site: Site
    desk: SessionDesk
    clock: Clock

    async def add_app(self, account_id: str, session_id: str) -> NewApp:
        """A secret for an app; it counts once `confirm_app` was given its first code. Raises `AppThere`.

        Asked again in the same session it is the same secret: a page may be reloaded.
        """
        account, factors = await self._mine(account_id)
        seals, place, now = self.checking.seals, app_place(account_id), self.clock()
        if factors.is_adding(session_id, now) and not factors.app:
            secret = seals.open(factors.pending_app(session_id, now).secret, place).decode()
        else:
            secret = new_secret()
            adding = factors.adding_app(seals.seal(secret.encode(), place), session_id, now)
            await self.factors.save(adding, [], now)
        return NewApp(secret=secret, uri=provisioning_uri(secret, account.email))

    async def confirm_app(self, account_id: str, session_id: str, code: str) -> Enrolled:
        """Raises `NoAppPending`, `AppCodeWrong`. The session is strong from now on."""
        (account, factors), now = await self._mine(account_id), self.clock()
        pending = factors.pending_app(session_id, now)
        step = self.checking.matching_step(account_id, pending.secret, code)
        if step is None:
            raise AppCodeWrong()
        enrolled, codes = _with_codes(factors.with_app(pending, step, now))
        await self.factors.save(enrolled, [notice(account, SECOND_FACTOR_ADDED, now)], now)
        return Enrolled(recovery_codes=codes, opened=await self._stronger(account, session_id, OTP, now))

    async def remove_app(self, account_id: str) -> None:
        """Raises `NotFound`, `SecondFactorKept`."""
        (account, factors), now = await self._mine(account_id), self.clock()
        if factors.app is None:
            raise NotFound()
        left = factors.without_app(needed=_is_agent(account))
        await self.factors.save(left, [notice(account, SECOND_FACTOR_REMOVED, now)], now)

    async def renew_recovery_codes(self, account_id: str) -> list[str]:
        """The former ones serve no more. Raises `NoSecondFactor`."""
        (_, factors), now, codes = await self._mine(account_id), self.clock(), _new_codes()
        await self.factors.save(factors.with_recovery_codes(codes), [], now)
        return codes

    async def ask_passkey(self, account_id: str) -> dict[str, Any]:
        """What the browser is asked to make one; within ten minutes."""
        account, factors = await self._mine(account_id)
        nonce, now = secrets.token_bytes(NONCE_BYTES), self.clock()
        pending = Pending(
            id=_asked_of(account_id, nonce),
            purpose=TO_ADD_PASSKEY,
            expires_at=now + ADDED_WITHIN,
            account_id=account_id,
            nonce=nonce,
        )
        await self.challenges.add(pending)
        return self.site.to_add(account, factors, nonce)

    async def add_passkey(self, account_id: str, session_id: str, name: str, credential: Mapping[str, Any]) -> Enrolled:
        """What the browser made of `ask_passkey`. Raises `PasskeyNotMade`, `TooManyPasskeys`."""
        (account, factors), now = await self._mine(account_id), self.clock()
        passkey = await self._made(account_id, name, credential, now)
        enrolled, codes = _with_codes(factors.with_passkey(passkey))
        await self.factors.save(enrolled, [notice(account, PASSKEY_ADDED, now)], now)
        opened = await self._stronger(account, session_id, PASSKEY, now)
        return Enrolled(recovery_codes=codes, opened=opened, passkey=passkey)

    async def remove_passkey(self, account_id: str, credential_id: str) -> None:
        """Raises `NotFound`, `SecondFactorKept`."""
        (account, factors), now = await self._mine(account_id), self.clock()
        if factors.passkey(credential_id) is None:
            raise NotFound()
        left = factors.without_passkey(credential_id, needed=_is_agent(account))
        await self.factors.save(left, [notice(account, PASSKEY_REMOVED, now)], now)

    async def _made(self, account_id: str, name: str, credential: Mapping[str, Any], now: datetime) -> Passkey:
        try:
            asked = _asked_of(account_id, signed_nonce(credential))
            pending = await self.challenges.attempt(asked, TO_ADD_PASSKEY, now)
            if pending is None or not await self.challenges.take(pending.id):
                raise PasskeyNotMade()
            return self.site.added(credential, pending.nonce, name, now)
        except PasskeyWrong:
            raise PasskeyNotMade() from None

    async def _mine(self, account_id: str) -> tuple[Account, Factors]:
        account = await self.accounts.by_id(account_id)
        if account is None:
            raise Unauthenticated()
        return account, await self.factors.of(account_id)

    async def _stronger(self, account: Account, session_id: str, method: str, now: datetime) -> Opened | None:
        if not session_id:
            return None
        return await self.desk.strengthen(session_id, Proven(account=account, methods=frozenset({method}), at=now))


def _with_codes(factors: Factors) -> tuple[Factors, list[str]]:
    """Recovery codes come with the first factor."""
    if factors.recovery_codes:
        return factors, []
    codes = _new_codes()
    return factors.with_recovery_codes(codes), codes


def _new_codes() -> list[str]:
    return [_new_code() for _ in range(RECOVERY_CODES)]


def _new_code() -> str:
    return recovery_code("".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH)))


def _asked_of(account_id: str, nonce: bytes) -> str:
    """The challenge a browser signs names itself; nobody answers that of another account."""
    return challenge_id(f"{account_id} {nonce.hex()}")


def _is_agent(account: Account) -> bool:
    return bool(account.roles or account.programme_roles)

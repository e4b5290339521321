"""Signing in with FranceConnect, linking it to an account, taking the link away."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from services.identity.domain.accounts import Account
from services.identity.domain.federations import (
    BACK_WITHIN,
    AccountLinked,
    Departure,
    Federation,
    FranceConnectCancelled,
    FranceConnectLapsed,
    IdentityTaken,
    NobodyToLink,
    PivotIdentity,
    Stranger,
    token_hash,
)
from services.identity.domain.notices import FRANCECONNECT_LINKED, FRANCECONNECT_UNLINKED
from services.identity.domain.proofs import FRANCECONNECT, Proven
from services.identity.usecases.warnings import Warnings
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id

TOKEN_BYTES = 32


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class Departures(Protocol):
    async def add(self, departure: Departure) -> None: ...

    async def take(self, departure_id: str, browser: str, now: datetime) -> Departure | None:
        """Once; None when it is unknown, lapsed or another browser's."""


class Strangers(Protocol):
    async def add(self, stranger: Stranger) -> None: ...
    async def find(self, stranger_id: str, now: datetime) -> Stranger | None: ...
    async def forget(self, stranger_id: str) -> None: ...


class Federations(Protocol):
    async def find(self, issuer: str, sub: str) -> Federation | None: ...
    async def of_account(self, account_id: str) -> list[Federation]: ...

    async def add(self, federation: Federation) -> bool:
        """False when the identity or the account has a link already."""

    async def remove(self, federation_id: str, account_id: str) -> bool: ...
    async def note_use(self, federation: Federation, at: datetime) -> None: ...


class Provider(Protocol):
    @property
    def configured(self) -> bool: ...

    async def address(self, departure: Departure, state: str) -> str:
        """Where to send the browser. Raises `FranceConnectDown`."""

    async def authorization_page(self) -> str:
        """The page it begins with. Raises `FranceConnectDown`."""

    async def identity(self, code: str, departure: Departure, issuer: str) -> tuple[PivotIdentity, str]:
        """Who came back with the code, and the ID token that signs them out there.

        Raises `FranceConnectDown`, `FranceConnectUntrusted`.
        """

    async def farewell(self, hint: str, state: str) -> str:
        """Where to send a browser so that it is signed out there too, empty for nowhere."""

    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Known:
    """Somebody with an account; `hint` is the provider's ID token."""

    proven: Proven
    next: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Linked:
    next: str
    hint: str


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Nobody's account; `token`: what the cookie must hold while they look for their code."""

    token: str
    hint: str


Arrival: TypeAlias = Known | Linked | Unknown


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What the provider put into the address it sent the browser back to."""

    state: str
    code: str = ""
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, kw_only=True)
class FranceConnect:
    provider: Provider
    departures: Departures
    strangers: Strangers
    federations: Federations
    accounts: Accounts
    warnings: Warnings
    clock: Clock

    async def depart(self, browser: str, next_page: str, account_id: str = "") -> str:
        """The address to send a browser to: to sign in, or with `account_id` to link that account.

        `browser`: a secret of that browser's, its cookie. Raises `FranceConnectOff`, `…Down`, `…Untrusted`.
        """
        state = _drawn()
        departure = Departure(
            id=token_hash(state),
            browser=token_hash(browser),
            nonce=_drawn(),
            verifier=_drawn(),
            account_id=account_id,
            next=next_page,
            expires_at=self.clock() + BACK_WITHIN,
        )
        address = await self.provider.address(departure, state)
        await self.departures.add(departure)
        return address

    async def arrive(self, returned: Returned, browser: str) -> Arrival:
        """The browser is back. Raises `FranceConnectLapsed`, `…Cancelled`, `…Down`, `…Untrusted`, and those of `link`.

        A state serves once and only in the browser it was given to.
        """
        departure = await self.departures.take(token_hash(returned.state), token_hash(browser), self.clock())
        if departure is None:
            raise FranceConnectLapsed()
        if returned.error or not returned.code:
            raise FranceConnectCancelled(next_page=departure.next)
        identity, hint = await self.provider.identity(returned.code, departure, returned.issuer)
        if departure.account_id:
            await self.link(departure.account_id, identity)
            return Linked(next=departure.next, hint=hint)
        federation, account = await self._linked(identity)
        if federation is None or account is None:
            return await self._unknown(identity, departure.next, hint)
        await self.federations.note_use(federation, self.clock())
        proven = Proven(account=account, methods=frozenset({FRANCECONNECT}), at=self.clock())
        return Known(proven=proven, next=departure.next, hint=hint)

    async def stranger(self, token: str) -> Stranger:
        """Who waits in the browser with that cookie. Raises `NobodyToLink`."""
        found = await self.strangers.find(token_hash(token), self.clock()) if token else None
        if found is None:
            raise NobodyToLink()
        return found

    async def adopt(self, token: str, account_id: str) -> Proven:
        """Link the one who waits to an account just proved or made. Raises `NobodyToLink` and those of `link`."""
        stranger = await self.stranger(token)
        account = await self.link(account_id, stranger.identity)
        await self.strangers.forget(stranger.id)
        return Proven(account=account, methods=frozenset({FRANCECONNECT}), at=self.clock())

    async def link(self, account_id: str, identity: PivotIdentity) -> Account:
        """Raises `IdentityTaken`, `AccountLinked`; repeated it changes nothing."""
        federation, owner = await self._linked(identity)
        if federation and owner and owner.id == account_id:
            return owner
        if owner:
            raise IdentityTaken()
        account = await self.accounts.by_id(account_id)
        if account is None or not account.active:
            raise NotFound()
        if federation:
            # Its account is gone: nobody is left to object.
            await self.federations.remove(federation.id, federation.account_id)
        await self._add(account, identity)
        return account

    async def _add(self, account: Account, identity: PivotIdentity) -> None:
        now = self.clock()
        fresh = Federation(
            id=new_id("fed"), issuer=identity.issuer, sub=identity.sub, account_id=account.id, linked_at=now
        )
        if not await self.federations.add(fresh):
            raise AccountLinked()
        await self.warnings.tell(account, FRANCECONNECT_LINKED, now)

    async def unlink(self, federation_id: str, account_id: str) -> None:
        """Raises `NotFound`. The account keeps its password: nobody is left outside."""
        account = await self.accounts.by_id(account_id)
        if account is None or not await self.federations.remove(federation_id, account_id):
            raise NotFound()
        await self.warnings.tell(account, FRANCECONNECT_UNLINKED, self.clock())

    async def _linked(self, identity: PivotIdentity) -> tuple[Federation | None, Account | None]:
        federation = await self.federations.find(identity.issuer, identity.sub)
        account = await self.accounts.by_id(federation.account_id) if federation else None
        return federation, account if account and account.active else None

    async def _unknown(self, identity: PivotIdentity, next_page: str, hint: str) -> Unknown:
        token = _drawn()
        waiting = Stranger(
            id=token_hash(token), identity=identity, next=next_page, expires_at=self.clock() + BACK_WITHIN
        )
        await self.strangers.add(waiting)
        return Unknown(token=token, hint=hint)


def _drawn() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)

"""Letting a person go on to a site: what is still missing, what they agreed to, the code the site gets."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.authorizations import Asked, Consent, Step, next_step
from services.identity.domain.clients import SITE, Client
from services.identity.domain.grants import Code, code_for
from services.identity.domain.sessions import Session
from shared.clock import Clock

HANDLE_BYTES = 32


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class Clients(Protocol):
    async def find(self, client_id: str) -> Client | None: ...
    async def note_use(self, client_id: str, at: datetime) -> None: ...


class Authorizations(Protocol):
    async def keep(self, handle: str, asked: Asked) -> None: ...
    async def forget(self, handle: str) -> bool: ...


class Consents(Protocol):
    async def find(self, account_id: str, client_id: str) -> Consent | None: ...
    async def give(self, consent: Consent) -> None: ...

    async def withdraw(self, account_id: str, client_id: str) -> bool:
        """Whether there was one."""


class Grants(Protocol):
    async def revoke_account(self, account_id: str, *, client_id: str = "", but: str = "") -> None: ...


class Codes(Protocol):
    async def add(self, code: Code) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Authorizing:
    accounts: Accounts
    clients: Clients
    authorizations: Authorizations
    consents: Consents
    codes: Codes
    grants: Grants
    clock: Clock

    async def site(self, client_id: str) -> Client | None:
        """Partners sign nobody in."""
        client = await self.clients.find(client_id) if client_id else None
        return client if client and client.active and client.kind == SITE else None

    async def keep(self, asked: Asked) -> str:
        """The name of the request in the addresses of our pages."""
        handle = secrets.token_urlsafe(HANDLE_BYTES)
        await self.authorizations.keep(handle, asked)
        return handle

    async def step(self, asked: Asked, client: Client, session: Session | None) -> Step:
        account = await self.accounts.by_id(session.account_id) if session else None
        consent = await self.consents.find(session.account_id, client.id) if session else None
        return next_step(asked, client, session, account, consent)

    async def agree(self, asked: Asked, client: Client, session: Session) -> None:
        """The person lets the site know what it asks for."""
        consent = Consent(
            account_id=session.account_id, client_id=client.id, scopes=asked.scopes, given_at=self.clock()
        )
        await self.consents.give(consent)

    async def take_back(self, account_id: str, client_id: str) -> bool:
        """Nothing the site was given serves any more, and it is told; whether there was anything to take back."""
        if not client_id:
            return False
        await self.grants.revoke_account(account_id, client_id=client_id)
        return await self.consents.withdraw(account_id, client_id)

    async def issue(self, asked: Asked, client: Client, session: Session, code: str, handle: str) -> bool:
        """Keep the code the browser takes to the site; False when the request was answered before."""
        if handle and not await self.authorizations.forget(handle):
            return False
        now = self.clock()
        await self.codes.add(code_for(session, client, asked.params, code, now))
        await self.clients.note_use(client.id, now)
        return True

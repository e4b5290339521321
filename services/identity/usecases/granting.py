"""Codes and refresh tokens turned into grants, each once; a second use ends what the first one gave."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.claims import about
from services.identity.domain.grants import Code, Grant, code_hash, grant_of
from services.identity.domain.notices import TOKEN_REUSED
from services.identity.domain.sessions import Session, SessionLife, SessionOver, read_refresh_token
from shared.auth import Caller
from shared.clock import Clock

SECRET_BYTES = 32


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class Households(Protocol):
    async def towns_of(self, household_id: str) -> frozenset[str]: ...


class Sessions(Protocol):
    async def get(self, session_id: str) -> Session | None: ...


class Codes(Protocol):
    async def find(self, code_id: str) -> Code | None: ...


class Grants(Protocol):
    async def add(self, grant: Grant) -> bool:
        """False when its code has served already."""

    async def find(self, grant_id: str) -> Grant | None: ...

    async def replace(self, grant: Grant, former_hash: str) -> bool:
        """False when the former refresh token no longer served."""

    async def revoke(self, grant_id: str, at: datetime) -> None: ...


class Warnings(Protocol):
    async def tell(self, account: Account, kind: str, at: datetime, device: str = "") -> None: ...


class Tokens(Protocol):
    def access(self, grant: Grant, caller: Caller | None) -> str: ...
    def read_access(self, token: str) -> str | None: ...


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a site gets: `refresh_token` is empty unless it may come back without the person."""

    grant: Grant
    access_token: str
    refresh_token: str = ""


class Spent(Exception):
    """A code or a refresh token that had served already, or whose person is gone: what it gave is revoked."""


@dataclass(frozen=True, kw_only=True)
class Granting:
    accounts: Accounts
    households: Households
    sessions: Sessions
    codes: Codes
    grants: Grants
    tokens: Tokens
    warnings: Warnings
    life: SessionLife
    clock: Clock

    async def find_code(self, code: str) -> Code | None:
        return await self.codes.find(code_hash(code)) if code else None

    async def find_refreshable(self, token: str) -> tuple[Grant | None, str]:
        """The grant a refresh token names, and the hash of what it presents."""
        try:
            grant_id, presented = read_refresh_token(token)
        except SessionOver:
            return None, ""
        return await self.grants.find(grant_id), presented

    async def find_by_access(self, token: str) -> Grant | None:
        """The grant an access token was given for, while either serves."""
        grant_id = self.tokens.read_access(token)
        grant = await self.grants.find(grant_id) if grant_id else None
        return grant if grant and grant.alive(self.clock()) else None

    async def redeem(self, code: Code) -> Given:
        """Raises `Spent`."""
        now = self.clock()
        account, session = await self.accounts.by_id(code.account_id), await self.sessions.get(code.session_id)
        if account is None or not account.active or session is None or session.expires_at <= now:
            raise Spent()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        grant = grant_of(code, session, now)
        if grant.offline:
            grant = grant.refreshed(secret, self.life, now)
        if not await self.grants.add(grant):
            await self.end_reused(grant)
            raise Spent()
        return await self._given(grant, account, secret)

    async def refresh(self, grant: Grant, presented: str) -> Given:
        """Raises `Spent`."""
        now = self.clock()
        account = await self.accounts.by_id(grant.account_id)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        renewed = grant.refreshed(secret, self.life, now)
        if account is None or not account.active or not grant.alive(now):
            raise Spent()
        if not await self.grants.replace(renewed, presented):
            await self.end_reused(grant)
            raise Spent()
        return await self._given(renewed, account, secret)

    async def _given(self, grant: Grant, account: Account, secret: str) -> Given:
        caller = await self._caller(grant, account) if grant.opens_api else None
        return Given(
            grant=grant,
            access_token=self.tokens.access(grant, caller),
            refresh_token=grant.refresh_token(secret) if grant.offline else "",
        )

    async def _caller(self, grant: Grant, account: Account) -> Caller:
        """Whom the site speaks for at the API; an agent's roles only after a strong sign-in."""
        towns = await self.households.towns_of(account.household_id) if account.household_id else frozenset()
        return Caller(
            account_id=account.id,
            household_id=account.household_id,
            guardian_id=account.guardian_id,
            municipality_ids=towns,
            roles=account.roles if grant.strong else {},
            programme_roles=account.programme_roles if grant.strong else {},
            session_id=grant.id,
        )

    async def tell_about(self, grant: Grant) -> Mapping[str, Any] | None:
        """The claims of the person, as they are now; None when they are gone."""
        account = await self.accounts.by_id(grant.account_id)
        return about(account, grant.scopes) if account and account.active else None

    async def end_reused(self, grant: Grant) -> None:
        """A code or a refresh token came a second time: somebody else may have it. Its owner hears of it, once."""
        now = self.clock()
        await self.grants.revoke(grant.id, now)
        account = await self.accounts.by_id(grant.account_id)
        if account and grant.alive(now):
            await self.warnings.tell(account, TOKEN_REUSED, now)

    async def revoke(self, grant: Grant) -> None:
        await self.grants.revoke(grant.id, self.clock())

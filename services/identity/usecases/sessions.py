"""Signing in, staying in, signing out."""

import secrets
from dataclasses import dataclass, replace
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.devices import NOTED_AGAIN_AFTER
from services.identity.domain.notices import TOKEN_REUSED
from services.identity.domain.proofs import Proven
from services.identity.domain.sessions import (
    Session,
    SessionLife,
    SessionOver,
    SessionReused,
    read_refresh_token,
    refresh_token,
    secret_hash,
)
from services.identity.usecases.warnings import Warnings
from shared.auth import Caller
from shared.clock import Clock
from shared.ids import new_id

SECRET_BYTES = 32


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class Households(Protocol):
    async def towns_of(self, household_id: str) -> frozenset[str]: ...


class Sessions(Protocol):
    async def add(self, session: Session, *, first_today: bool) -> None: ...
    async def get(self, session_id: str) -> Session | None: ...

    async def replace(self, session: Session, former_hash: str) -> bool:
        """False when the former token no longer served."""

    async def strengthen(self, session: Session) -> bool:
        """False when it has ended meanwhile."""

    async def end(self, session_id: str) -> None: ...


class Signer(Protocol):
    lifetime: int
    """Seconds."""

    def sign(self, caller: Caller) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a client gets: `expires_in` seconds of access, and the token for the next."""

    access_token: str
    expires_in: int
    refresh_token: str
    session_id: str


@dataclass(frozen=True, kw_only=True)
class SessionDesk:
    accounts: Accounts
    households: Households
    sessions: Sessions
    signer: Signer
    life: SessionLife
    warnings: Warnings
    clock: Clock

    async def open(self, proven: Proven, device: str = "", client_id: str = "") -> Opened:
        """`device`: short words for the browser (`device_of`); `client_id`: the site it is for, if not the portal."""
        now, secret = self.clock(), secrets.token_urlsafe(SECRET_BYTES)
        session = Session(
            id=new_id("ses"),
            account_id=proven.account.id,
            secret_hash=secret_hash(secret),
            opened_at=now,
            expires_at=self.life.end(now, now),
            methods=tuple(sorted(proven.methods)),
            authenticated_at=proven.at,
            seen_at=now,
            device=device,
            client_id=client_id,
        )
        last = proven.account.last_signed_in_at
        await self.sessions.add(session, first_today=last is None or now - last > NOTED_AGAIN_AFTER)
        await self.warnings.signed_in(proven.account, device, now)
        return await self._opened(proven.account, session, secret)

    async def strengthen(self, session_id: str, proven: Proven) -> Opened:
        """The same session with what was proved in it, and a new pair of tokens. Raises `SessionOver`."""
        session, now = await self.sessions.get(session_id), self.clock()
        if session is None or session.account_id != proven.account.id or session.expires_at <= now:
            raise SessionOver()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        stronger = replace(session.proved(proven.methods, proven.at), secret_hash=secret_hash(secret), seen_at=now)
        if not await self.sessions.strengthen(stronger):
            raise SessionOver()
        return await self._opened(proven.account, stronger, secret)

    async def refresh(self, token: str) -> Opened:
        """A new pair for a refresh token. Raises `SessionOver`; a token used twice ends its session."""
        session_id, presented = read_refresh_token(token)
        session, now = await self.sessions.get(session_id), self.clock()
        if session is None or session.expires_at <= now:
            raise SessionOver()
        account = await self.accounts.by_id(session.account_id)
        if account is None or not account.active:
            raise SessionOver()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        renewed = replace(
            session,
            secret_hash=secret_hash(secret),
            expires_at=self.life.end(session.opened_at, now),
            seen_at=now,
        )
        if not await self.sessions.replace(renewed, presented):
            await self.sessions.end(session_id)
            await self.warnings.tell(account, TOKEN_REUSED, now, session.device)
            raise SessionReused()
        return await self._opened(account, renewed, secret)

    async def _opened(self, account: Account, session: Session, secret: str) -> Opened:
        return Opened(
            access_token=self.signer.sign(await self.caller(account, session)),
            expires_in=self.signer.lifetime,
            refresh_token=refresh_token(session.id, secret),
            session_id=session.id,
        )

    async def caller(self, account: Account, session: Session) -> Caller:
        """Whom the services meet. What an agent may do is theirs only behind a second factor."""
        towns = await self.households.towns_of(account.household_id) if account.household_id else frozenset()
        return Caller(
            account_id=account.id,
            household_id=account.household_id,
            guardian_id=account.guardian_id,
            municipality_ids=towns,
            roles=account.roles if session.strong else {},
            programme_roles=account.programme_roles if session.strong else {},
            session_id=session.id,
        )

"""Signing in, staying in, signing out."""

import secrets
from dataclasses import dataclass, replace
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.passwords import normal_password
from services.identity.domain.sessions import (
    Session,
    SessionLife,
    SessionOver,
    SessionReused,
    WrongCredentials,
    read_refresh_token,
    refresh_token,
    secret_hash,
)
from services.identity.domain.text import normal_email
from services.identity.usecases.attempts import SIGN_IN, Attempts
from services.identity.usecases.passwords import Hashes
from shared.auth import Caller
from shared.clock import Clock
from shared.ids import new_id

SECRET_BYTES = 32


class Accounts(Protocol):
    async def by_email(self, email: str) -> Account | None: ...
    async def by_id(self, account_id: str) -> Account | None: ...
    async def rehash(self, account_id: str, former: str, password_hash: str) -> None: ...


class Households(Protocol):
    async def towns_of(self, household_id: str) -> frozenset[str]: ...


class Sessions(Protocol):
    async def add(self, session: Session) -> None: ...
    async def get(self, session_id: str) -> Session | None: ...

    async def replace(self, session: Session, former_hash: str) -> bool:
        """False when the former token no longer served."""

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
    clock: Clock

    async def open(self, account: Account) -> Opened:
        now = self.clock()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        session = Session(
            id=new_id("ses"),
            account_id=account.id,
            secret_hash=secret_hash(secret),
            opened_at=now,
            expires_at=self.life.end(now, now),
        )
        await self.sessions.add(session)
        return await self._opened(account, session, secret)

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
        renewed = replace(session, secret_hash=secret_hash(secret), expires_at=self.life.end(session.opened_at, now))
        if not await self.sessions.replace(renewed, presented):
            await self.sessions.end(session_id)
            raise SessionReused()
        return await self._opened(account, renewed, secret)

    async def _opened(self, account: Account, session: Session, secret: str) -> Opened:
        towns = await self.households.towns_of(account.household_id) if account.household_id else frozenset()
        caller = Caller(
            account_id=account.id,
            household_id=account.household_id,
            municipality_ids=towns,
            roles=account.roles,
            session_id=session.id,
        )
        return Opened(
            access_token=self.signer.sign(caller),
            expires_in=self.signer.lifetime,
            refresh_token=refresh_token(session.id, secret),
            session_id=session.id,
        )


async def sign_in(
    email: str,
    password: str,
    *,
    address: str,
    accounts: Accounts,
    hashes: Hashes,
    attempts: Attempts,
    desk: SessionDesk,
) -> Opened:
    """Raises `WrongCredentials`, `TooMany`; an unknown address costs the same work as a wrong password."""
    email, password = normal_email(email), normal_password(password)
    async with attempts.counted(SIGN_IN, email, address):
        account = await accounts.by_email(email)
        if not await hashes.matches(account.password_hash if account else "", password) or account is None:
            raise WrongCredentials()
    if hashes.is_dated(account.password_hash):
        await accounts.rehash(account.id, account.password_hash, await hashes.make(password))
    return await desk.open(account)

"""Ending sessions: one of them, or all, and telling the owner of the account."""

from dataclasses import dataclass
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.notices import SESSIONS_ENDED
from services.identity.usecases.warnings import Warnings
from shared.clock import Clock
from shared.errors import NotFound


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class Sessions(Protocol):
    async def end_own(self, session_id: str, account_id: str) -> bool: ...
    async def end_all(self, account_id: str, *, but: str = "") -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class Ending:
    accounts: Accounts
    sessions: Sessions
    warnings: Warnings
    clock: Clock

    async def one(self, session_id: str, account_id: str) -> None:
        """Raises `NotFound`."""
        if not await self.sessions.end_own(session_id, account_id):
            raise NotFound()

    async def everywhere(self, account_id: str) -> None:
        """Every session, the asking one too; its owner hears of it."""
        account = await self.accounts.by_id(account_id)
        await self.sessions.end_all(account_id)
        if account:
            await self.warnings.tell(account, SESSIONS_ENDED, self.clock())

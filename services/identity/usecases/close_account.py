"""Closing an account: nobody signs in with it any more, and its address is free again. The household stays."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account, AddressDiffers
from services.identity.domain.notices import ACCOUNT_CLOSED, notice
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Unauthenticated


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...
    async def save(self, account: Account, events: Sequence[Event], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Closing:
    """`belongings`: each forgets what hangs on an account, given its id: sessions, links, factors, identities."""

    accounts: Accounts
    belongings: Sequence[Callable[[str], Awaitable[object]]]
    clock: Clock

    async def close(self, account_id: str, email: str) -> None:
        """`email`: the account's own, as its owner typed it. Raises `AddressDiffers`, `RolesKept`, `Conflict`."""
        account = await self.accounts.by_id(account_id)
        if account is None:
            raise Unauthenticated()
        if email != account.email:
            raise AddressDiffers()
        now = self.clock()
        closed, told = account.closed(now)
        await self.accounts.save(closed, [told, notice(account, ACCOUNT_CLOSED, now)], now)
        for belonging in self.belongings:
            await belonging(account_id)

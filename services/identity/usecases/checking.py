"""Whether a code is right, and that it serves once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.factors import Factors
from services.identity.domain.notices import RECOVERY_CODE_USED, notice
from services.identity.domain.totp import matching_step
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict


class FactorBook(Protocol):
    async def use_step(self, account_id: str, step: int) -> bool: ...

    async def save(self, factors: Factors, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""


class Seals(Protocol):
    def seal(self, content: bytes, place: str) -> bytes: ...
    def open(self, sealed: bytes, place: str) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Checking:
    factors: FactorBook
    seals: Seals
    clock: Clock

    async def code_is_right(self, factors: Factors, code: str) -> bool:
        """Of the app the account has; the same code is right once."""
        if factors.app is None:
            return False
        step = self.matching_step(factors.account_id, factors.app.secret, code)
        return step is not None and await self.factors.use_step(factors.account_id, step)

    def matching_step(self, account_id: str, sealed: bytes, code: str) -> int | None:
        secret = self.seals.open(sealed, app_place(account_id)).decode()
        return matching_step(secret, code, self.clock())

    async def recovery_code_is_right(self, account: Account, factors: Factors, code: str) -> bool:
        """It is gone then, and its owner hears of it."""
        left = factors.without_recovery_code(code)
        if left is None:
            return False
        now = self.clock()
        try:
            await self.factors.save(left, [notice(account, RECOVERY_CODE_USED, now)], now)
        except Conflict:
            # Used at this very moment, or the factors changed: not right any more.
            return False
        return True


def app_place(account_id: str) -> str:
    """Where the secret of an app is sealed for."""
    return f"app:{account_id}"

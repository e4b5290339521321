"""How fast one caller may go, counted in this process: a bound against floods, not an account of use."""

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from shared.errors import TooMany

MINUTE = 60


class Rates:
    """`account_rate` and `address_rate` are requests per minute."""

    def __init__(self, account_rate: int, address_rate: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._account = RateLimitItemPerMinute(account_rate)
        self._address = RateLimitItemPerMinute(address_rate)

    async def admit_account(self, account_id: str) -> None:
        """Raises `TooMany`."""
        await self._admit(self._account, account_id)

    async def admit_address(self, address: str) -> None:
        """Raises `TooMany`."""
        await self._admit(self._address, address)

    async def _admit(self, limit: RateLimitItemPerMinute, who: str) -> None:
        if not await self._limiter.hit(limit, who):
            raise TooMany(retry_after=MINUTE)

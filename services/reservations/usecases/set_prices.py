"""Keep what each household pays, as billing tells it."""

from collections.abc import Mapping
from typing import Protocol

from services.reservations.domain.prices import own_price
from shared.contracts import Told
from shared.contracts.billing import PricesSet


class Prices(Protocol):
    async def set(
        self, household_id: str, municipality_id: str, prices: Mapping[str, int], *, sequence: int
    ) -> None: ...


async def set_prices(told: Told[PricesSet], *, prices: Prices) -> None:
    """The prices of one household in one town, whole, those of single children beside them; what is older than what is
    kept changes nothing.
    """
    cents = {
        own_price(price.activity_id, price.child_id) if price.child_id else price.activity_id: price.cents
        for price in told.event.prices
    }
    await prices.set(told.event.household_id, told.event.municipality_id, cents, sequence=told.sequence)

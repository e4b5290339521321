"""Say what days would cost a household, before anybody books them."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from services.billing.domain.copies import Household, Programme, Town, today_in
from services.billing.domain.prices import Price, price_for
from services.billing.domain.tariffs import Situation
from services.billing.domain.tariffs.quotes import Quote, quote
from services.billing.usecases.tariffs.pricing import PriceBook
from shared.clock import Clock
from shared.errors import NotFound


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


async def quote_prices(
    household_id: str,
    municipality_id: str,
    situations: Sequence[Situation],
    *,
    book: PriceBook,
    copies: Copies,
    clock: Clock,
) -> Quote:
    """Raises `NotFound` for a household that has not joined the town, and for a child that is not its own."""
    (tariff, payer), household, programmes, town = await asyncio.gather(
        book.of(household_id, municipality_id),
        copies.household(household_id),
        copies.programmes(municipality_id),
        copies.town(municipality_id),
    )
    if payer is None or household is None:
        raise NotFound()
    if {one.child_id for one in situations} - {child.id for child in household.children}:
        raise NotFound()

    def price(situation: Situation) -> Price | None:
        return price_for(tariff, payer, situation)

    prepaid = {
        activity.id
        for programme in programmes
        if programme.billing_mode == "prepaid"
        for activity in programme.activities
    }
    return quote(situations, price, frozenset(prepaid), today_in(town, clock()))

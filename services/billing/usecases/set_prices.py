"""Tell each household what it pays, whenever that changes: an adhesion, a quotient, a tariff, or a day that begins."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.families import Family, JoinedChild, family_id, join, new_family
from services.billing.domain.prices import PriceList, next_change, price_list
from services.billing.domain.quotients.invitations import followed, is_due, next_look, school_year
from services.billing.domain.quotients.savings import Days, most_saved
from services.billing.domain.tariffs import Tariff
from services.billing.domain.tariffs.payers import Payer
from services.billing.domain.tidings import of_prices
from services.billing.usecases.tariffs.pricing import PriceBook
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.billing_quotients import QuotientInvited
from shared.contracts.identity import AdhesionJoined

# Midnight comes first at UTC+14.
FIRST_MIDNIGHT = timedelta(hours=14)


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...
    async def not_spread(self) -> list[Tariff]: ...
    async def mark_spread(self, tariff: Tariff) -> None: ...


class Families(Protocol):
    async def get(self, municipality_id: str, family_id: str) -> Family | None: ...
    async def save(self, family: Family) -> Family: ...
    def due(self, day: date) -> AsyncIterator[Family]: ...
    async def all_due(self, municipality_id: str, day: date) -> None: ...
    async def mark_priced(self, family: Family, again_on: date | None) -> None: ...


class PriceLists(Protocol):
    async def of(self, household_id: str, municipality_id: str) -> PriceList | None: ...
    async def save(self, listed: PriceList, events: Sequence[Event]) -> PriceList: ...


class Usage(Protocol):
    async def charged(self, household_id: str, municipality_id: str, month: str) -> Days: ...


def _nobody() -> None: ...


class Pricing:
    """The parts needed to tell prices, together because every occasion needs them all."""

    def __init__(
        self,
        *,
        towns: Towns,
        tariffs: Tariffs,
        families: Families,
        price_lists: PriceLists,
        book: PriceBook,
        usage: Usage,
        clock: Clock,
    ) -> None:
        self.towns, self.tariffs, self.families, self.price_lists = towns, tariffs, families, price_lists
        self.book, self.usage, self.clock = book, usage, clock
        self.nudge: Callable[[], None] = _nobody
        """Has due prices told at once, where something tells them."""

    async def today(self, municipality_id: str) -> date:
        return today_in(await self.towns.town(municipality_id), self.clock())

    async def of_today(self, municipality_id: str) -> "TownPrices":
        return TownPrices(tariff=await self.tariffs.of(municipality_id), today=await self.today(municipality_id))


@dataclass(frozen=True, kw_only=True)
class TownPrices:
    """A town's tariff and the date there."""

    tariff: Tariff
    today: date


async def join_family(told: Told[AdhesionJoined], *, pricing: Pricing) -> None:
    """The family behind a town's reference is now this household."""
    event = told.event
    name = family_id(event.municipality_id, event.family_reference)
    known = await pricing.families.get(event.municipality_id, name)
    family = known or new_family(event.municipality_id, event.family_reference)
    children = tuple(JoinedChild(child_id=child.child_id, reference=child.reference) for child in event.children)
    joined = join(family, event.household_id, event.resident, told.sequence, children)
    if joined is not family:
        today = await pricing.today(event.municipality_id)
        joined = await pricing.families.save(replace(joined, reprice_on=today))
    await set_prices(joined, await pricing.of_today(event.municipality_id), pricing)


async def set_prices(family: Family, town: TownPrices, pricing: Pricing) -> None:
    """Tell the household its prices of today, when they differ from those it was told last."""
    if family.household_id is None or family.reprice_on is None or family.reprice_on > town.today:
        return
    payer = await pricing.book.payer(town.tariff, family)
    again = next_change(town.tariff, payer, town.today)
    if town.tariff.version:
        listed = await _tell_changed(family.household_id, payer, town, pricing)
        looks = [day for day in (again, next_look(listed, town.today)) if day]
        again = min(looks, default=None)
    await pricing.families.mark_priced(family, again)


async def _tell_changed(household_id: str, payer: Payer, town: TownPrices, pricing: Pricing) -> PriceList:
    """The list as it is kept now, with what was told: prices that changed, and an invitation that was due."""
    wanted = price_list(town.tariff, payer, household_id, town.today)
    known = await pricing.price_lists.of(household_id, wanted.municipality_id)
    listed = followed(wanted, known, town.today)
    told: list[Event] = []
    if known is None or (listed.prices, listed.quotient_known) != (known.prices, known.quotient_known):
        told.append(of_prices(listed))
    if is_due(listed, town.today):
        listed = replace(listed, invited_for=school_year(town.today))
        told.append(await _invitation(listed, payer, town, pricing))
    if listed != known:
        await pricing.price_lists.save(listed, told)
    return listed


async def _invitation(listed: PriceList, payer: Payer, town: TownPrices, pricing: Pricing) -> QuotientInvited:
    month = (town.today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    days = await pricing.usage.charged(listed.household_id, listed.municipality_id, month)
    return QuotientInvited(
        household_id=listed.household_id,
        municipality_id=listed.municipality_id,
        school_year=listed.invited_for,
        up_to_cents=most_saved(town.tariff, payer, days, town.today),
    )


async def set_due_prices(pricing: Pricing) -> int:
    """Look at every family whose prices may have changed: after an import, and on the days when prices turn."""
    for tariff in await pricing.tariffs.not_spread():
        await pricing.families.all_due(tariff.id, await pricing.today(tariff.id))
        await pricing.tariffs.mark_spread(tariff)
    looked_at = 0
    towns: dict[str, TownPrices] = {}
    async for family in pricing.families.due((pricing.clock() + FIRST_MIDNIGHT).date()):
        # A tariff published meanwhile makes every family due again.
        if family.municipality_id not in towns:
            towns[family.municipality_id] = await pricing.of_today(family.municipality_id)
        await set_prices(family, towns[family.municipality_id], pricing)
        looked_at += 1
    return looked_at

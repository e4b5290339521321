"""How a household's days are priced by what is known now."""

import asyncio
from typing import Protocol, TypeAlias

from services.billing.domain.copies import Household, Programme
from services.billing.domain.families import Family
from services.billing.domain.prices import Price, Pricing, price_for
from services.billing.domain.tariffs import Situation, Tariff
from services.billing.domain.tariffs.payers import Child, Enrolled, Offered, Payer

Priced: TypeAlias = tuple[Tariff, Payer | None]


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


class Families(Protocol):
    async def of_household(self, household_id: str, municipality_id: str) -> Family | None: ...


class Copies(Protocol):
    async def household(self, household_id: str) -> Household | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


class Enrolments(Protocol):
    async def of(self, family: Family) -> tuple[Enrolled, ...]: ...


class PriceBook:
    """Tariffs, and whatever of families their prices ask for: most ask nothing of a child, and then nothing is read."""

    def __init__(self, *, tariffs: Tariffs, families: Families, copies: Copies, enrolments: Enrolments) -> None:
        self.tariffs, self.families, self.copies, self.enrolments = tariffs, families, copies, enrolments

    async def of(self, household_id: str, municipality_id: str) -> Priced:
        """The town's tariff and who pays; no payer while the household has not joined the town."""
        tariff, family = await asyncio.gather(
            self.tariffs.of(municipality_id), self.families.of_household(household_id, municipality_id)
        )
        return tariff, await self.payer(tariff, family) if family else None

    async def payer(self, tariff: Tariff, family: Family) -> Payer:
        if not tariff.asks_children or family.household_id is None:
            return Payer(family=family)
        household, programmes, enrolled = await asyncio.gather(
            self.copies.household(family.household_id),
            self.copies.programmes(family.municipality_id),
            self.enrolments.of(family),
        )
        return Payer(
            family=family,
            children=tuple(Child(id=one.id, birth_date=one.birth_date) for one in household.children)
            if household
            else (),
            enrolled=enrolled,
            offered={
                activity.id: Offered(programme_id=programme.id, minutes=activity.minutes)
                for programme in programmes
                for activity in programme.activities
            },
        )


async def pricing_for(household_id: str, municipality_id: str, book: PriceBook) -> Pricing:
    """The prices of the household's days; a family not heard of yet has none."""
    tariff, payer = await book.of(household_id, municipality_id)

    def price(situation: Situation) -> Price | None:
        return price_for(tariff, payer, situation) if payer else None

    return price

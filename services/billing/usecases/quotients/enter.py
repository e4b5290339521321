"""Enter a family's quotient: it counts from the month after it was received, or at once where the town says so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.families import (
    Family,
    Outcome,
    Proof,
    Quotient,
    Source,
    family_id,
    new_family,
    with_quotient,
)
from services.billing.domain.quotients.refusals import ReceivedInTheFuture
from services.billing.domain.quotients.settings import QuotientSettings, counts_from
from shared.clock import Clock
from shared.errors import Conflict, NotFound

TRIES = 3


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Families(Protocol):
    async def get(self, municipality_id: str, family_id: str) -> Family | None: ...
    async def of_household(self, household_id: str, municipality_id: str) -> Family | None: ...
    async def save(self, family: Family) -> Family: ...


class Settings(Protocol):
    async def of(self, municipality_id: str) -> QuotientSettings: ...


class QuotientDesk:
    """What entering quotients takes. `nudge`: prices may be others now."""

    def __init__(
        self, *, families: Families, towns: Towns, settings: Settings, clock: Clock, nudge: Callable[[], None]
    ) -> None:
        self.families, self.towns, self.settings = families, towns, settings
        self.clock, self.nudge = clock, nudge

    async def today(self, municipality_id: str) -> date:
        return today_in(await self.towns.town(municipality_id), self.clock())


@dataclass(frozen=True, kw_only=True)
class Given:
    """A quotient as it reached the town. `received_on` None: today."""

    value: Decimal
    source: Source
    received_on: date | None = None
    proof: Proof = ""
    given_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Whose:
    """The family by its reference in the town's file, or by its household."""

    municipality_id: str
    reference: str = ""
    household_id: str = ""


async def family_of(whose: Whose, desk: QuotientDesk) -> Family:
    """A reference the town gave may be of a family that has not joined yet. Raises `NotFound` for a household."""
    if whose.reference:
        known = await desk.families.get(whose.municipality_id, family_id(whose.municipality_id, whose.reference))
        return known or new_family(whose.municipality_id, whose.reference)
    found = await desk.families.of_household(whose.household_id, whose.municipality_id)
    if found is None:
        raise NotFound()
    return found


async def enter_quotient(whose: Whose, given: Given, desk: QuotientDesk) -> tuple[Family, Quotient, Outcome]:
    """Raises `NotFound`, `ReceivedInTheFuture`, `Conflict`."""
    today = await desk.today(whose.municipality_id)
    received_on = given.received_on or today
    if received_on > today:
        raise ReceivedInTheFuture()
    quotient = Quotient(
        effective_on=counts_from(await desk.settings.of(whose.municipality_id), received_on, today),
        value=given.value,
        source=given.source,
        received_on=received_on,
        proof=given.proof,
        given_by=given.given_by,
    )
    for _ in range(TRIES):
        family, outcome = with_quotient(await family_of(whose, desk), quotient)
        if outcome == "unchanged":
            return family, quotient, outcome
        try:
            saved = await desk.families.save(replace(family, reprice_on=today))
        except Conflict:
            continue
        desk.nudge()
        return saved, quotient, outcome
    raise Conflict()

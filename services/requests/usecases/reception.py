"""How a family is received at a category: whether it may file, and what of its form is known already."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from services.requests.domain.answers import errors_in
from services.requests.domain.catalogue.audiences import WHOM, NotForThisHousehold, Standing, admits
from services.requests.domain.catalogue.prefilling import Household, known_of, prefilled
from services.requests.domain.categories import Category
from shared.clock import Clock
from shared.errors import Said


class Standings(Protocol):
    async def of(self, household_id: str, municipality_id: str, today: date) -> Standing: ...


class Households(Protocol):
    async def profile_of(self, household_id: str) -> Household: ...


class Towns(Protocol):
    async def zone(self, municipality_id: str) -> ZoneInfo: ...


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """`guardian_id`: who of the household is here, empty when their token does not say."""

    household_id: str
    guardian_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Reception:
    standings: Standings
    households: Households
    towns: Towns
    clock: Clock

    async def standing(self, visitor: Visitor, municipality_id: str) -> Standing:
        return await self.standings.of(visitor.household_id, municipality_id, await self._today(municipality_id))

    async def check(self, category: Category, visitor: Visitor, child_id: str | None) -> None:
        """Raises `NotForThisHousehold`."""
        if category.audience.who == "all":
            return
        if not admits(category.audience, await self.standing(visitor, category.municipality_id), child_id):
            raise NotForThisHousehold(whom=Said(msgid=WHOM[category.audience.who]))

    async def answers_known(self, category: Category, visitor: Visitor, child_id: str | None) -> dict[str, Any]:
        """Only what fits the form: a name longer than a field takes is left for the family to write."""
        household = await self.households.profile_of(visitor.household_id)
        mine = sorted(household.guardians, key=lambda one: one.guardian_id != visitor.guardian_id)
        today = await self._today(category.municipality_id)
        known = known_of(replace(household, guardians=tuple(mine)), child_id, today.isoformat())
        answers = prefilled(category.ui, known)
        wrong = {error["field"] for error in errors_in(answers, category.form, complete=False, where="answers")}
        return {name: answer for name, answer in answers.items() if name not in wrong}

    async def _today(self, municipality_id: str) -> date:
        return self.clock().astimezone(await self.towns.zone(municipality_id)).date()

"""A household's children, in every town that knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.errors import NotFound


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


@dataclass(frozen=True, kw_only=True)
class ListedChild:
    """`enrolments`: the present and the coming ones."""

    child: RosterChild
    town: Town
    enrolments: tuple[Enrolment, ...]


async def list_children(
    household_id: str, *, catalogue: Towns, roster: Children, clock: Clock
) -> Sequence[ListedChild]:
    """One per child and town, oldest first; a town whose settings have not arrived yet has none."""
    listed = []
    for child in await roster.children_of(household_id):
        try:
            town = await catalogue.town(child.municipality_id)
        except NotFound:
            continue
        today = town.calendar.today(clock())
        enrolments = [one for one in child.enrolments if one.ends >= today and one.programme_id in town.programmes]
        listed.append(ListedChild(child=child, town=town, enrolments=tuple(enrolments)))
    return listed

"""Explain one day of a child: what its rules, its bookings and its places say of it."""

from collections.abc import Collection
from datetime import date

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import all_pools, left_for
from services.reservations.domain.explanation import Question
from services.reservations.domain.programmes import municipality_of
from services.reservations.domain.sheet import SheetKey, month_of
from services.reservations.domain.town import Town
from services.reservations.usecases.beside import beside
from services.reservations.usecases.show_month import Desk
from shared.errors import NotFound


async def explain_day(household_id: str, child_id: str, activity_id: str, day: date, desk: Desk) -> Question:
    """For a guardian. Raises `NotFound` for a child or activity that is not theirs or is none."""
    town = await desk.catalogue.town(municipality_of(activity_id))
    child = await desk.roster.child(child_id, household_id, town.municipality_id)
    return await _question(child, town, activity_id, day, desk)


async def explain_day_to_agent(
    municipality_ids: Collection[str], child_id: str, activity_id: str, day: date, desk: Desk, household_id: str = ""
) -> Question:
    """For an agent of one of these towns; `household_id`: whose day of a child that has two, empty for the first."""
    town = await desk.catalogue.town(municipality_of(activity_id))
    children = await desk.roster.children_in(town.municipality_id, [child_id])
    if town.municipality_id not in municipality_ids or child_id not in children:
        raise NotFound()
    child = children[child_id]
    if household_id and household_id != child.household_id:
        child = await desk.roster.child(child_id, household_id, town.municipality_id)
    return await _question(child, town, activity_id, day, desk)


async def _question(child: RosterChild, town: Town, activity_id: str, day: date, desk: Desk) -> Question:
    programme = town.programme_of(activity_id)
    key = SheetKey(
        household_id=child.household_id,
        municipality_id=town.municipality_id,
        child_id=child.child_id,
        programme_id=programme.id,
        month=month_of(day),
    )
    needed = child.pools_of(programme, [(activity_id, day)])
    left = left_for(needed, await desk.places.left(all_pools(needed))) if needed else {}
    return Question(
        child=child,
        town=town,
        programme=programme,
        activity=programme.activity(activity_id),
        day=day,
        sheet=await beside(await desk.sheets.get(key), child, desk.sheets),
        full=left.get((activity_id, day)) == 0,
        now=desk.clock(),
    )

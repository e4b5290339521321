"""Book again what a town had cancelled and takes back, where the day, the child and the place still allow it."""

from collections.abc import Collection

from services.reservations.domain.bookable import RosterChild, refused_together
from services.reservations.domain.capacity import all_pools, full_slots
from services.reservations.domain.disruption import Disruption, restorable
from services.reservations.domain.places import BRIEF, Claim
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_days import DeadlinePassed, NotYetOpen, NoWindow
from services.reservations.domain.sheet import Sheet, Slot
from services.reservations.domain.town import Town
from services.reservations.usecases.beside import beside
from services.reservations.usecases.disrupt import Crisis
from services.reservations.usecases.write_lines import TRIES, let_go
from shared.errors import Conflict, NotFound
from shared.ids import uuid7

# Not the family's fault: the day was booked in time before the town cancelled it.
FORGIVEN = (DeadlinePassed, NotYetOpen, NoWindow)


async def restore_days(
    sheet: Sheet, child: RosterChild | None, disruption: Disruption, town: Town, crisis: Crisis
) -> None:
    """Doing it again changes nothing."""
    if child is None:
        return
    for _ in range(TRIES):
        try:
            await _restore(sheet, child, disruption, town, crisis)
        except Conflict:
            sheet = await crisis.books.sheets.get(sheet.key)
            continue
        return
    raise Conflict()


async def _restore(sheet: Sheet, child: RosterChild, disruption: Disruption, town: Town, crisis: Crisis) -> None:
    programme, now = town.programme(sheet.key.programme_id), crisis.clock()
    try:
        known = await crisis.bench.roster.child(child.child_id, sheet.key.household_id, sheet.key.municipality_id)
    except NotFound:
        return
    sheet = await beside(sheet, known, crisis.books.sheets)
    wanted = restorable(sheet, disruption.id, programme, town.calendar.today(now))
    possible = [slot for slot in wanted if _possible(slot, wanted, sheet, known, town, crisis)]
    if not possible:
        return
    needed = known.pools_of(programme, possible)
    claim = Claim(key=sheet.key, attempt=uuid7(), capacities=all_pools(needed), hold=BRIEF)
    places = crisis.books.places
    try:
        full = await places.claim(list(claim.capacities), claim)
        missed = full_slots(needed, full)
        back = {slot: tuple(name for name, _ in needed.get(slot, ())) for slot in possible if slot not in missed}
        if back:
            await crisis.books.sheets.write(sheet, sheet.restore(back, programme, disruption.id), now=now)
    finally:
        # By what the sheet says: confirmed where the day is booked, free where it is not.
        await let_go(list(claim.capacities), claim, programme, crisis.books)


def _possible(
    slot: Slot, wanted: Collection[Slot], sheet: Sheet, child: RosterChild, town: Town, crisis: Crisis
) -> bool:
    activity_id, day = slot
    answer = town.answer(activity_id, day, action="book", child=child, now=crisis.clock())
    if answer.refusal is not None and not isinstance(answer.refusal, FORGIVEN):
        return False
    programme: Programme = town.programme(sheet.key.programme_id)
    activities = {activity.id: activity for activity in programme.activities}
    beside_it = sheet.expected_on(day) | {name for name, on in wanted if on == day} - {activity_id}
    taken = any((other, day) in sheet.elsewhere for other in (activity_id, *activities[activity_id].excludes))
    return not taken and refused_together(activities[activity_id], beside_it, activities) is None

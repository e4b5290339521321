"""The sheets of a child that lives in one household or two, as staff at the door see them: one child, one day."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.sheet import Entry, Sheet, SheetKey, SheetState, Slot


def sheet_keys(child: RosterChild, programme_id: str, month: str) -> tuple[SheetKey, ...]:
    """One per household of the child."""
    return tuple(
        SheetKey(
            household_id=household_id,
            municipality_id=child.municipality_id,
            child_id=child.child_id,
            programme_id=programme_id,
            month=month,
        )
        for household_id in (child.household_id, *sorted(child.others))
    )


def by_household(children: Iterable[RosterChild]) -> dict[tuple[str, str, str], RosterChild]:
    """By town, household and child. A child whose town has two references of it, since it merged their files, has the
    enrolments of both."""
    found: dict[tuple[str, str, str], RosterChild] = {}
    for child in children:
        key = (child.municipality_id, child.household_id, child.child_id)
        twin = found.get(key)
        found[key] = replace(twin, enrolments=(*twin.enrolments, *child.enrolments)) if twin else child
    return found


def states_on(slot: Slot, child_ids: Iterable[str], sheets: Iterable[Sheet]) -> dict[str, SheetState | None]:
    """What each child has that day, in whichever of its sheets; a cancelled day counts only where there is no other."""
    states: dict[str, SheetState | None] = dict.fromkeys(child_ids, None)
    for sheet in sheets:
        state = sheet.state(slot)
        if state and states.get(sheet.key.child_id) in (None, "cancelled"):
            states[sheet.key.child_id] = state
    return states


def entries_on(slots: Collection[Slot], sheets: Iterable[Sheet]) -> dict[str, dict[str, Entry]]:
    """What each child has in these slots, by child and activity; a cancelled day counts as in `states_on`."""
    found: dict[str, dict[str, Entry]] = {}
    for sheet in sheets:
        mine = found.setdefault(sheet.key.child_id, {})
        for slot in sheet.days.keys() & set(slots):
            if slot[0] not in mine or mine[slot[0]].state == "cancelled":
                mine[slot[0]] = sheet.days[slot]
    return found


def to_mark(sheets: Sequence[Sheet], child: RosterChild, slot: Slot) -> Sheet:
    """Whose day it is: of who booked it, else of whose custody week it is, else of the first household."""
    for sheet in sheets:
        if sheet.state(slot) not in (None, "cancelled"):
            return sheet
    holder = child.custody.household_on(slot[1]) if child.custody else sheets[0].key.household_id
    return next((sheet for sheet in sheets if sheet.key.household_id == holder), sheets[0])

"""Take back what a validation did to one sheet: all or nothing was asked, and it came to nothing."""

from dataclasses import replace

from services.reservations.domain.capacity import full_slots
from services.reservations.domain.places import BRIEF
from services.reservations.domain.sheet import Change, Done, Outcome, Sheet, Slot, Terms
from services.reservations.usecases.books import Books
from services.reservations.usecases.write_lines import TRIES, Share, let_go
from shared.errors import Conflict

UNDOABLE: dict[Outcome, str] = {
    "confirmed": "booked",
    "held": "held",
    "requested": "requested",
    "cancelled": "cancelled",
    "cancellation_asked": "booked",
}
# Days the undoing takes the places of back from.
GIVEN = ("confirmed", "held", "requested")


async def undo_lines(share: Share, books: Books) -> None:
    """Doing it again does nothing: the trace of what was done goes in the same write. Raises `Conflict`."""
    for _ in range(TRIES):
        sheet = await books.sheets.get(share.sheet_key)
        traces = sheet.done_with(share.key)
        if not traces:
            return
        try:
            await _undo(sheet, traces, share, books)
        except Conflict:
            continue
        return
    raise Conflict()


async def _undo(sheet: Sheet, traces: tuple[Done, ...], share: Share, books: Books) -> None:
    """Days that somebody changed since are left as they are, and so is a cancelled day whose place is gone."""
    done = {slot: outcome for trace in traces for slot, outcome in trace.lines}
    same = {
        slot: outcome
        for slot, outcome in done.items()
        if sheet.state(slot) == UNDOABLE[outcome] and not _given_back(sheet, slot, outcome)
    }
    claim = replace(share.claim(same), order_id=None, hold=BRIEF)
    needed = share.pools_of(same)
    again = {pool for slot in needed if same[slot] == "cancelled" for pool in needed[slot]}
    gone = full_slots(needed, await books.places.claim(list(again), claim, again=True))
    given = [slot for slot in same if same[slot] in GIVEN]
    loose = {(name, slot[1]) for slot in given for name in sheet.days[slot].pools}
    await books.places.loosen(loose - again, claim)
    left = {slot: outcome for slot, outcome in same.items() if slot not in gone}
    await books.sheets.write(sheet, _change(sheet, left, share), now=share.now, undone=share.key)
    await let_go(loose | again, claim, share.programme, books)


def _given_back(sheet: Sheet, slot: Slot, outcome: Outcome) -> bool:
    """The money of a prepaid day is due back since it was cancelled: booked again, it would cost nothing."""
    entry = sheet.days[slot]
    return outcome == "cancelled" and entry.order_id is not None and entry.cancelled != "late"


def _change(sheet: Sheet, done: dict[Slot, Outcome], share: Share) -> Change:
    slots = {kind: [slot for slot, outcome in done.items() if outcome == kind] for kind in UNDOABLE}
    change = sheet.cancel(slots["confirmed"], share.programme, kind="service")
    change = change.and_also(_booked_again(sheet, slots["cancelled"], share))
    asked = {slot: replace(sheet.days[slot], asked="") for slot in slots["cancellation_asked"]}
    return change.and_also(Change(cells={**dict.fromkeys((*slots["held"], *slots["requested"])), **asked}))


def _booked_again(sheet: Sheet, slots: list[Slot], share: Share) -> Change:
    """With the places they have now."""
    needed = share.pools_of(slots)
    terms = {slot: Terms(pools=tuple(name for name, _ in needed.get(slot, ()))) for slot in slots}
    return sheet.book(slots, share.programme, at=share.now, terms=terms)

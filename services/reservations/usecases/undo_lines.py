"""Take back what a validation did to one sheet: all or nothing was asked, and it came to nothing."""

from services.reservations.domain.places import Claim
from services.reservations.domain.sheet import Change, Done, Outcome, Sheet, Slot
from services.reservations.usecases.books import Books
from services.reservations.usecases.write_lines import TRIES, Share, let_go
from shared.errors import Conflict
from shared.ids import uuid7

UNDOABLE: dict[Outcome, str] = {"confirmed": "booked", "held": "held", "cancelled": "cancelled"}


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
    same = {slot: outcome for slot, outcome in done.items() if sheet.state(slot) == UNDOABLE[outcome]}
    claim = Claim(key=share.sheet_key, attempt=uuid7(), capacities=share.capacities(share.lines))
    scarce = [slot for slot in same if slot in claim.capacities]
    gone = await books.places.claim([slot for slot in scarce if same[slot] == "cancelled"], claim, again=True)
    await books.places.loosen([slot for slot in scarce if same[slot] != "cancelled"], claim)
    left = {slot: outcome for slot, outcome in same.items() if slot not in gone}
    await books.sheets.write(sheet, _change(sheet, left, share), now=share.now, undone=share.key)
    await let_go(scarce, claim, books)


def _change(sheet: Sheet, done: dict[Slot, Outcome], share: Share) -> Change:
    slots = {kind: [slot for slot, outcome in done.items() if outcome == kind] for kind in UNDOABLE}
    change = sheet.cancel(slots["confirmed"], share.programme, kind="service")
    change = change.and_also(sheet.book(slots["cancelled"], share.programme))
    return change.and_also(Change(cells=dict.fromkeys(slots["held"])))

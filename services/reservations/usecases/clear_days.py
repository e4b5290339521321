"""Write a sheet in which days end that may have scarce places: the places are loose before, and free after.

A crash in between leaves holds that end by themselves; the sweeper then looks at the sheet.
"""

from collections.abc import Collection
from datetime import datetime

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool, all_pools
from services.reservations.domain.places import BRIEF, Claim
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Change, Done, Sheet, Slot
from services.reservations.usecases.books import Books
from services.reservations.usecases.write_lines import ENDED, let_go
from shared.ids import uuid7


def claim_on(sheet: Sheet, slots: Collection[Slot], programme: Programme, child: RosterChild | None) -> Claim:
    """The places these days have: as noted, or where the child would sit for days written before that was kept."""
    seats = child.pools_of(programme, slots) if child else {}
    noted = {(name, slot[1]): 0 for slot in slots if slot in sheet.days for name in sheet.days[slot].pools}
    return Claim(key=sheet.key, attempt=uuid7(), capacities={**noted, **all_pools(seats)}, hold=BRIEF)


async def clear_days(
    sheet: Sheet,
    change: Change,
    gone: Collection[Slot],
    *,
    programme: Programme,
    child: RosterChild | None,
    books: Books,
    now: datetime,
    done: Done | None = None,
) -> None:
    """`gone`: the days of the change that need no place any more. Raises `Conflict` as every write of a sheet does."""
    claim = claim_on(sheet, gone, programme, child)
    free = [pool for pool in claim.capacities if not _still_needed(sheet, gone, pool, programme)]
    await books.places.loosen(free, claim)
    try:
        await books.sheets.write(sheet, change, now=now, done=done)
    except BaseException:
        await let_go(free, claim, programme, books)
        raise
    await books.places.free(free, claim)


def _still_needed(sheet: Sheet, gone: Collection[Slot], pool: Pool, programme: Programme) -> bool:
    rest = (slot for slot in sheet.in_pool(pool, programme) if slot not in gone)
    return any(sheet.state(slot) not in ENDED for slot in rest)

"""Which days would find no place, as far as a look can tell; the write path has the last word."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool, full_slots
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Sheet, Slot


class PlacesLeft(Protocol):
    async def left(self, capacities: Mapping[Pool, int]) -> dict[Pool, int]: ...
    async def had(self, pools: Iterable[Pool], household_id: str) -> dict[str, set[Pool]]: ...


@dataclass(frozen=True, kw_only=True)
class Fullness:
    """What the days need, and which pools have no place left."""

    programme: Programme
    needed: Mapping[Slot, Mapping[Pool, int]]
    full: Collection[Pool]

    def days(self, sheet: Sheet) -> frozenset[Slot]:
        """A child needs one place of a pool, in however many of its activities it is."""
        return full_slots(self.needed, [pool for pool in self.full if not self._has_one(pool, sheet)])

    def _has_one(self, pool: Pool, sheet: Sheet) -> bool:
        return any(sheet.state(slot) not in (None, "cancelled") for slot in sheet.in_pool(pool, self.programme))


async def look(slots: Sequence[Slot], child: RosterChild, programme: Programme, places: PlacesLeft) -> Fullness:
    """Asks the database only where places are limited."""
    needed = child.pools_of(programme, slots)
    capacities = {pool: limit for pools in needed.values() for pool, limit in pools.items()}
    left = await places.left(capacities) if capacities else {}
    full = {pool for pool, count in left.items() if not count}
    if full:
        # A child needs one place of a pool, and may have been offered one.
        full -= (await places.had(full, child.household_id)).get(child.child_id, set())
    return Fullness(programme=programme, needed=needed, full=full)

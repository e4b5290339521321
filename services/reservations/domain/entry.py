"""A day of a month sheet: one activity on one date, what became of it and under which terms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from services.reservations.domain.capacity import counter_of
from services.reservations.domain.late import LateTier, Surcharge
from services.reservations.domain.programmes import Programme
from shared.contracts import Event
from shared.contracts.reservations import Cancelled, DayState, SheetDay

Slot: TypeAlias = tuple[str, date]
"""An activity on a date."""
SheetState: TypeAlias = DayState | Literal["held", "requested"]
Outcome: TypeAlias = Literal["confirmed", "held", "requested", "cancelled", "cancellation_asked", "refused"]
Author: TypeAlias = Literal["guardian", "agent"]
Asked: TypeAlias = Literal["", "cancel"]
Excused: TypeAlias = Literal["", "free", "due"]

EXPECTED = frozenset({"booked", "held", "requested", "present", "present_unbooked"})
"""States in which the child is there that day, as far as other activities of the day care."""


@dataclass(frozen=True, kw_only=True)
class SheetKey:
    """Which sheet; `household_id` and `municipality_id` are its scope."""

    household_id: str
    municipality_id: str
    child_id: str
    programme_id: str
    month: str

    @property
    def id(self) -> str:
        """Of the household that came first; see `second_id`."""
        return f"sht_{self.child_id}_{self.programme_id}_{self.month}"

    @property
    def second_id(self) -> str:
        """The child's other household has its own sheet of the same month."""
        return f"{self.id}_{self.household_id}"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One activity on one date. `unbooked`: the child came without a booking.

    `at` and `cancelled_at` are when that was done (UTC; None for days written before this was kept), `pools` where the
    day has its places, `late` the tier it was booked or cancelled under after its deadline. `asked`: an agent still
    has to decide on its cancellation; until then the day is booked.
    """

    state: SheetState
    by: Author = "guardian"
    rule_version: int = 0
    order_id: str | None = None
    cancelled: Cancelled | None = None
    unbooked: bool = False
    at: datetime | None = None
    cancelled_at: datetime | None = None
    pools: tuple[str, ...] = ()
    late: str = ""
    surcharge: Surcharge | None = None
    asked: Asked = ""
    seen_at: datetime | None = None
    """When staff saw what they marked, on the clock of their `device`."""
    device: str = ""
    left_at: datetime | None = None
    """When the child was collected."""
    reported_at: datetime | None = None
    """When the family said that the child will be away, after the day could be cancelled."""
    excused: Excused = ""
    """What an accepted proof, or a quota of the regulation, makes of the absence: free, or due all the same."""
    proof: str = ""
    """The request that proved it; `quota` for an absence that needs no proof."""
    disruption: str = ""
    """The town-side cancellation the day went with."""

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Entry":
        """The same as `Entry(**values)`. Of a stored day nearly all of the twenty fields are blank, and a list of
        three hundred children spends most of its time on setting them one by one.
        """
        entry = object.__new__(cls)
        vars(entry).update(BLANK | values)
        return entry

    def has_place(self, pool_id: str, *, covered: bool) -> bool:
        """A day written before places were noted has it where its activity is covered."""
        if pool_id in self.pools:
            return True
        noted = any(counter_of(known) == counter_of(pool_id) for known in self.pools)
        return covered and not noted


BLANK = vars(Entry(state="booked"))


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Under what a day is booked or cancelled: the pools it takes places from, and the tier when it is late."""

    pools: tuple[str, ...] = ()
    tier: LateTier | None = None


NO_TERMS = Terms()


@dataclass(frozen=True, kw_only=True)
class Done:
    """The trace a keyed write leaves in its sheet, so that the same key answers the same again."""

    key: str
    fingerprint: str
    lines: tuple[tuple[Slot, Outcome], ...]
    order_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one write does: cells set, or cleared by None, and the facts it tells."""

    cells: Mapping[Slot, Entry | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    closes: bool = False

    def and_also(self, other: "Change") -> "Change":
        return replace(self, cells={**self.cells, **other.cells}, events=(*self.events, *other.events))


def in_order(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """By date, then activity: the order in which places are taken, so that two carts never wait for each other."""
    return tuple(sorted(slots, key=lambda slot: (slot[1], slot[0])))


def told_days(cells: Mapping[Slot, Entry]) -> tuple[SheetDay, ...]:
    return tuple(
        SheetDay(
            activity_id=activity_id,
            date=day,
            late=entry.late,
            order_id=entry.order_id,
            surcharge_percent=entry.surcharge.percent if entry.surcharge else None,
            surcharge_cents=entry.surcharge.cents if entry.surcharge else None,
        )
        for (activity_id, day), entry in cells.items()
    )


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def shown_month(month: str) -> str:
    """`2026-09` → `09/2026`, as people read it."""
    year, number = month.split("-")
    return f"{number}/{year}"


def new_entries(
    slots: Iterable[Slot], programme: Programme, like: Entry, terms: Mapping[Slot, Terms]
) -> dict[Slot, Entry]:
    return {
        slot: replace(
            like,
            rule_version=programme.regulation_on(slot[1]).version,
            pools=given.pools,
            late=given.tier.id if given.tier else "",
            surcharge=given.tier.surcharge if given.tier else None,
        )
        for slot in in_order(slots)
        for given in (terms.get(slot, NO_TERMS),)
    }


def newest_rule(cells: Mapping[Slot, Entry]) -> int:
    return max(entry.rule_version for entry in cells.values())

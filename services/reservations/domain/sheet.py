"""The month sheet: all that one child has in one programme in one month, and what a write changes of it.

One write of a sheet sets some of its cells and tells one fact per kind of change, whatever the number of days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypeAlias

from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import MonthIsClosed
from shared.contracts import Event
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    Cancelled,
    ClosedDay,
    DayState,
    SheetClosed,
    SheetDay,
)

Slot: TypeAlias = tuple[str, date]
"""An activity on a date."""
SheetState: TypeAlias = DayState | Literal["held"]
Outcome: TypeAlias = Literal["confirmed", "held", "cancelled", "refused"]
Author: TypeAlias = Literal["guardian", "agent"]

EXPECTED = frozenset({"booked", "held", "present", "present_unbooked"})
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
    """One activity on one date. `unbooked`: the child came without a booking."""

    state: SheetState
    by: Author = "guardian"
    rule_version: int = 0
    order_id: str | None = None
    cancelled: Cancelled | None = None
    unbooked: bool = False


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


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """`revision` counts writes, for compare-and-set; `version` counts facts told, for their order.

    `name`: its id in the database, empty for a new one. For a child of two households `shared` is true, and
    `elsewhere` what the other one has booked or used.
    """

    key: SheetKey
    days: Mapping[Slot, Entry] = field(default_factory=dict)
    done: tuple[Done, ...] = ()
    revision: int = 0
    version: int = 0
    closed: bool = False
    name: str = ""
    shared: bool = False
    elsewhere: frozenset[Slot] = frozenset()

    @property
    def id(self) -> str:
        return self.name or self.key.id

    @property
    def is_new(self) -> bool:
        return self.revision == 0

    def state(self, slot: Slot) -> SheetState | None:
        entry = self.days.get(slot)
        return entry.state if entry else None

    def expected_on(self, day: date) -> frozenset[str]:
        """Activities the child is expected in, or was seen in, that day."""
        return frozenset(
            activity_id for (activity_id, on), entry in self.days.items() if on == day and entry.state in EXPECTED
        )

    def done_with(self, key: str) -> tuple[Done, ...]:
        return tuple(done for done in self.done if done.key == key)

    def refuse_when_closed(self) -> None:
        if self.closed:
            raise MonthIsClosed(month=shown_month(self.key.month))

    def book(
        self, slots: Iterable[Slot], programme: Programme, *, by: Author = "guardian", order_id: str | None = None
    ) -> Change:
        """Days become booked; one fact for all."""
        version = programme.regulation.version
        entry = Entry(state="booked", by=by, rule_version=version, order_id=order_id)
        cells = dict.fromkeys(in_order(slots), entry)
        if not cells:
            return Change()
        told = BookingConfirmed.model_validate(
            {
                **self._subject(programme),
                "regulation_version": version,
                "days": told_days(cells),
                "order_id": order_id,
                "booked_by": by,
            }
        )
        return Change(cells=cells, events=(told,))

    def hold(self, slots: Iterable[Slot], programme: Programme, *, order_id: str) -> Change:
        """Days wait for the payment of an order. The order tells it, the sheet does not."""
        entry = Entry(state="held", rule_version=programme.regulation.version, order_id=order_id)
        return Change(cells=dict.fromkeys(in_order(slots), entry))

    def cancel(self, slots: Iterable[Slot], programme: Programme, *, kind: Cancelled = "in_time") -> Change:
        """Booked days become cancelled; one fact for all."""
        version = programme.regulation.version
        cells = {
            slot: replace(self.days[slot], state="cancelled", cancelled=kind, rule_version=version)
            for slot in in_order(slots)
        }
        if not cells:
            return Change()
        told = BookingCancelled.model_validate(
            {**self._subject(programme), "regulation_version": version, "kind": kind, "days": told_days(cells)}
        )
        return Change(cells=cells, events=(told,))

    def held_for(self, order_id: str) -> tuple[Slot, ...]:
        return self._slots_of(order_id, "held")

    def booked_for(self, order_id: str) -> tuple[Slot, ...]:
        return self._slots_of(order_id, "booked")

    def confirm(self, order_id: str, programme: Programme) -> Change:
        """What an order held is booked: it is paid."""
        return self.book(self.held_for(order_id), programme, order_id=order_id)

    def release(self, order_id: str) -> Change:
        """What an order held is free again."""
        return Change(cells=dict.fromkeys(self.held_for(order_id)))

    def close(self, closing_id: str, programme: Programme) -> Change:
        """The sheet becomes final and tells every day it has; an empty one tells nothing."""
        days = tuple(
            ClosedDay(activity_id=slot[0], date=slot[1], state=entry.state, cancelled=entry.cancelled)
            for slot, entry in sorted(self.days.items(), key=_by_day)
            if entry.state != "held"
        )
        told = SheetClosed.model_validate(
            {
                **self._subject(programme),
                "closing_id": closing_id,
                "regulation_version": programme.regulation.version,
                "days": days,
            }
        )
        return Change(events=(told,) if days else (), closes=True)

    def unmarked(self) -> tuple[Slot, ...]:
        """Booked days whose attendance nobody marked."""
        return in_order(slot for slot, entry in self.days.items() if entry.state == "booked")

    def _slots_of(self, order_id: str, state: SheetState) -> tuple[Slot, ...]:
        return in_order(
            slot for slot, entry in self.days.items() if entry.order_id == order_id and entry.state == state
        )

    def _subject(self, programme: Programme) -> dict[str, str]:
        return {
            "municipality_id": self.key.municipality_id,
            "household_id": self.key.household_id,
            "child_id": self.key.child_id,
            "programme_id": self.key.programme_id,
            "month": self.key.month,
            "billing_mode": programme.billing_mode,
        }


def in_order(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """By date, then activity: the order in which places are taken, so that two carts never wait for each other."""
    return tuple(sorted(slots, key=lambda slot: (slot[1], slot[0])))


def told_days(slots: Iterable[Slot]) -> tuple[SheetDay, ...]:
    return tuple(SheetDay(activity_id=activity_id, date=day) for activity_id, day in slots)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def shown_month(month: str) -> str:
    """`2026-09` → `09/2026`, as people read it."""
    year, number = month.split("-")
    return f"{number}/{year}"


def _by_day(item: tuple[Slot, Entry]) -> tuple[date, str]:
    return item[0][1], item[0][0]

"""The month sheet: all that one child has in one programme in one month, and what a write changes of it.

One write of a sheet sets some of its cells and tells one fact per kind of change, whatever the number of days.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.reservations.domain.capacity import Pool, counter_of
from services.reservations.domain.entry import (
    EXPECTED,
    Author,
    Change,
    Done,
    Entry,
    Outcome,
    SheetKey,
    SheetState,
    Slot,
    Terms,
    in_order,
    month_of,
    new_entries,
    newest_rule,
    shown_month,
    told_days,
)
from services.reservations.domain.late import LateTier
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import MonthIsClosed
from shared.contracts.reservations import (
    BookingCancelled,
    BookingConfirmed,
    BookingRequested,
    CancellationAsked,
    Cancelled,
    ClosedDay,
    SheetClosed,
)

__all__ = [
    "EXPECTED",
    "Author",
    "Change",
    "Done",
    "Entry",
    "Outcome",
    "Sheet",
    "SheetKey",
    "SheetState",
    "Slot",
    "Terms",
    "in_order",
    "month_of",
    "shown_month",
    "told_days",
]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """`revision` counts writes, for compare-and-set; `version` counts facts told, for their order; `done` are the
    traces of the last keyed writes, by key.

    `name`: its id in the database, empty for a new one. For a child of two households `shared` is true, and
    `elsewhere` what the other one has booked or used. `around`: what the child has in the days of the same weeks that
    lie in another month, where rules count them.
    """

    key: SheetKey
    days: Mapping[Slot, Entry] = field(default_factory=dict)
    done: Mapping[str, tuple[Done, ...]] = field(default_factory=dict)
    revision: int = 0
    version: int = 0
    closed: bool = False
    name: str = ""
    shared: bool = False
    elsewhere: frozenset[Slot] = frozenset()
    around: frozenset[Slot] = frozenset()

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
        return self.done.get(key, ())

    def refuse_when_closed(self) -> None:
        if self.closed:
            raise MonthIsClosed(month=shown_month(self.key.month))

    def in_pool(self, pool: Pool, programme: Programme) -> tuple[Slot, ...]:
        """The days of the sheet that have, or had, their place there. One written before places were noted has it
        where its activity is covered.
        """
        name, day = pool
        covered = programme.covered_by(counter_of(name))
        return tuple(
            slot
            for slot, entry in self.days.items()
            if slot[1] == day and entry.has_place(name, covered=slot[0] in covered)
        )

    def book(
        self,
        slots: Iterable[Slot],
        programme: Programme,
        *,
        by: Author = "guardian",
        order_id: str | None = None,
        at: datetime | None = None,
        terms: Mapping[Slot, Terms] | None = None,
    ) -> Change:
        """Days become booked; one fact for all."""
        new = new_entries(slots, programme, Entry(state="booked", by=by, order_id=order_id, at=at), terms or {})
        return self._booked(new, programme, by, order_id)

    def _booked(
        self,
        cells: Mapping[Slot, Entry],
        programme: Programme,
        by: Author,
        order_id: str | None,
        disruption: str = "",
    ) -> Change:
        if not cells:
            return Change()
        told = BookingConfirmed.model_validate(
            {
                **self.subject(programme),
                "regulation_version": newest_rule(cells),
                "days": told_days(cells),
                "order_id": order_id,
                "booked_by": by,
                "disruption_id": disruption,
            }
        )
        return Change(cells=cells, events=(told,))

    def request(
        self,
        slots: Iterable[Slot],
        programme: Programme,
        *,
        by: Author = "guardian",
        at: datetime | None = None,
        terms: Mapping[Slot, Terms] | None = None,
    ) -> Change:
        """Days are kept until an agent decides on them."""
        cells = new_entries(slots, programme, Entry(state="requested", by=by, at=at), terms or {})
        if not cells:
            return Change()
        told = BookingRequested.model_validate({**self.subject(programme), "days": told_days(cells)})
        return Change(cells=cells, events=(told,))

    def grant(self, slots: Iterable[Slot], programme: Programme) -> Change:
        """Requested days become booked as they were asked for; one fact for all."""
        cells = {slot: replace(self.days[slot], state="booked") for slot in in_order(slots)}
        return self._booked(cells, programme, "guardian", None)

    def restore(self, pools: Mapping[Slot, tuple[str, ...]], programme: Programme, disruption: str) -> Change:
        """Days the town had cancelled are booked as they were, in the places they have now."""
        cells = {
            slot: replace(self.days[slot], state="booked", cancelled=None, cancelled_at=None, pools=pools[slot])
            for slot in in_order(pools)
        }
        return self._booked(cells, programme, "guardian", None, disruption)

    def hold(
        self,
        slots: Iterable[Slot],
        programme: Programme,
        *,
        order_id: str,
        at: datetime | None = None,
        terms: Mapping[Slot, Terms] | None = None,
    ) -> Change:
        """Days wait for the payment of an order. The order tells it, the sheet does not."""
        held = Entry(state="held", order_id=order_id, at=at)
        return Change(cells=new_entries(slots, programme, held, terms or {}))

    def cancel(
        self,
        slots: Iterable[Slot],
        programme: Programme,
        *,
        kind: Cancelled = "in_time",
        at: datetime | None = None,
        tier: LateTier | None = None,
        disruption: str = "",
    ) -> Change:
        """Booked days become cancelled; one fact for all. `disruption`: the town-side cancellation they go with."""
        cells = {
            slot: replace(
                self.days[slot],
                state="cancelled",
                cancelled=kind,
                cancelled_at=at,
                late=tier.id if tier else self.days[slot].late,
                asked="",
                disruption=disruption,
                rule_version=programme.regulation_on(slot[1]).version,
            )
            for slot in in_order(slots)
        }
        if not cells:
            return Change()
        told = BookingCancelled.model_validate(
            {
                **self.subject(programme),
                "regulation_version": newest_rule(cells),
                "kind": kind,
                "days": told_days(cells),
                "disruption_id": disruption,
            }
        )
        return Change(cells=cells, events=(told,))

    def ask_to_cancel(self, slots: Iterable[Slot], programme: Programme) -> Change:
        """Booked days stay booked until an agent decides on their cancellation."""
        cells = {slot: replace(self.days[slot], asked="cancel") for slot in in_order(slots)}
        if not cells:
            return Change()
        told = CancellationAsked.model_validate({**self.subject(programme), "days": told_days(cells)})
        return Change(cells=cells, events=(told,))

    def held_for(self, order_id: str) -> tuple[Slot, ...]:
        return self._slots_of(order_id, "held")

    def booked_for(self, order_id: str) -> tuple[Slot, ...]:
        return self._slots_of(order_id, "booked")

    def confirm(self, order_id: str, programme: Programme) -> Change:
        """What an order held is booked: it is paid."""
        cells = {slot: replace(self.days[slot], state="booked") for slot in self.held_for(order_id)}
        return self._booked(cells, programme, "guardian", order_id)

    def release(self, order_id: str) -> Change:
        """What an order held is free again."""
        return Change(cells=dict.fromkeys(self.held_for(order_id)))

    def close(self, closing_id: str, programme: Programme) -> Change:
        """The sheet becomes final and tells every day it has; an empty one tells nothing."""
        days = tuple(
            ClosedDay(**dict(told_days({slot: entry})[0]), state=entry.state, cancelled=entry.cancelled)
            for slot, entry in sorted(self.days.items(), key=_by_day)
            if entry.state not in ("held", "requested")
        )
        told = SheetClosed.model_validate(
            {
                **self.subject(programme),
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

    def subject(self, programme: Programme) -> dict[str, str]:
        """What every fact of the sheet begins with."""
        return {
            "municipality_id": self.key.municipality_id,
            "household_id": self.key.household_id,
            "child_id": self.key.child_id,
            "programme_id": self.key.programme_id,
            "month": self.key.month,
            "billing_mode": programme.billing_mode,
        }


def _by_day(item: tuple[Slot, Entry]) -> tuple[date, str]:
    return item[0][1], item[0][0]

"""A child's month in a programme, day by day, as a family reads it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.day_view import BLANK, FINAL, Cell, DayView
from services.reservations.domain.days import days_of
from services.reservations.domain.entry import EXPECTED
from services.reservations.domain.grounds import MonthGround
from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import Entry, SheetState, Slot
from services.reservations.domain.town import Town

__all__ = ["DayView", "days_of", "month_view"]
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ActivityRow:
    activity_id: str
    name: str
    price_cents: int | None
    days: tuple[DayView, ...]


@dataclass(frozen=True, kw_only=True)
class MonthView:
    month: str
    rows: tuple[ActivityRow, ...]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a child's own documents say of a month: its sheet, its cart, its places in waiting lists.

    `offered`: of the slots it waits for those it has an offer for; `left`: places of the slots that are limited;
    `elsewhere`: days the child's other household has booked.
    """

    sheet: Mapping[Slot, Entry] = field(default_factory=dict)
    cart: Mapping[Slot, Action] = field(default_factory=dict)
    waiting: AbstractSet[Slot] = frozenset()
    offered: AbstractSet[Slot] = frozenset()
    left: Mapping[Slot, int] = field(default_factory=dict)
    elsewhere: AbstractSet[Slot] = frozenset()
    final: bool = False

    @property
    def blank(self) -> Cell:
        """The cell of a slot of which they say nothing."""
        return FINAL if self.final else BLANK


def cells_of(known: Known, ground: MonthGround) -> dict[Slot, Cell]:
    """The cells of the slots of which something is known; the others are `known.blank`."""
    others = _others(known, ground)
    slots = others.keys() | known.sheet.keys() | known.cart.keys() | known.waiting | known.left.keys()
    if known.elsewhere:
        slots |= _beside(known, ground)
    of_programme = [slot for slot in slots if slot[0] in ground.activities]
    if known.cart or known.waiting or known.left or known.elsewhere:
        return {slot: _cell(slot, known, ground, others.get(slot, NOBODY)) for slot in of_programme}
    # What most months are: a sheet and nothing else.
    sheet, final = known.sheet, known.final
    return {slot: _recorded(sheet.get(slot), others.get(slot, NOBODY), final=final) for slot in of_programme}


def _recorded(entry: Entry | None, others: frozenset[str], *, final: bool) -> Cell:
    if entry is None:
        return Cell(others=others, final=final)
    reported = entry.reported_at is not None
    return Cell(recorded=entry.state, asked=entry.asked != "", reported=reported, others=others, final=final)


def _cell(slot: Slot, known: Known, ground: MonthGround, others: frozenset[str]) -> Cell:
    elsewhere = slot in known.elsewhere
    excluded = ground.activities[slot[0]].excludes
    return _recorded(known.sheet.get(slot), others, final=known.final)._replace(
        chosen=known.cart.get(slot),
        waiting=slot in known.waiting,
        offered=slot in known.offered,
        left=known.left.get(slot),
        elsewhere=elsewhere,
        taken=elsewhere or any((other, slot[1]) in known.elsewhere for other in excluded),
    )


def _beside(known: Known, ground: MonthGround) -> set[Slot]:
    """The slots the other household's days are of, or bear on."""
    return {
        (activity.id, day)
        for other, day in known.elsewhere
        for activity in ground.activities.values()
        if other == activity.id or other in activity.excludes
    }


def _others(known: Known, ground: MonthGround) -> dict[Slot, frozenset[str]]:
    """Per slot the activities of the same day that the child has, or will have, and that bear on it."""
    cart = known.cart
    there = [slot for slot, entry in known.sheet.items() if entry.state in EXPECTED and cart.get(slot) != "cancel"]
    there += [slot for slot, action in cart.items() if action == "book"]
    found: dict[Slot, frozenset[str]] = {}
    for activity_id, day in there:
        for name in ground.bears_on.get(activity_id, ()):
            slot = name, day
            found[slot] = found[slot] | {activity_id} if slot in found else ground.alone[activity_id]
    return found


def rows_of(ground: MonthGround, known: Known, prices: Mapping[str, int]) -> tuple[ActivityRow, ...]:
    cells, blank = cells_of(known, ground), known.blank
    return tuple(
        ActivityRow(
            activity_id=activity.id,
            name=activity.name,
            price_cents=prices.get(activity.id),
            days=tuple(ground.view((activity.id, day), cells.get((activity.id, day), blank)) for day in ground.days),
        )
        for activity in ground.programme.activities
    )


def month_view(
    *,
    child: RosterChild,
    programme: Programme,
    town: Town,
    month: str,
    now: datetime,
    sheet: Mapping[Slot, SheetState],
    cart: Mapping[Slot, Action],
    held: AbstractSet[Slot],
    waiting: AbstractSet[Slot],
    places_left: Mapping[Slot, int],
    prices: Mapping[str, int],
    elsewhere: AbstractSet[Slot] = frozenset(),
    final: bool = False,
) -> MonthView:
    """`prices` in cents per activity, as far as known; `elsewhere`: days the child's other household has booked;
    `final`: the month is closed and nothing changes any more.
    """
    none: Mapping[Slot, SheetState] = dict.fromkeys(held, "held")
    states = {**none, **sheet}
    known = Known(
        sheet={slot: Entry(state=state) for slot, state in states.items()},
        cart=cart,
        waiting=waiting,
        left=places_left,
        elsewhere=elsewhere,
        final=final,
    )
    ground = MonthGround(town, programme, child, month, now)
    return MonthView(month=month, rows=rows_of(ground, known, prices))

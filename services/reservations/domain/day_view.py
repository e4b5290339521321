"""One activity on one day as a family reads it: its state, what can be done with it and until when, or why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol, TypeAlias

from services.reservations.domain.bookable import DayAnswer, left_alone, refused_together
from services.reservations.domain.calendar import Day
from services.reservations.domain.late import LateTier
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals_of_custody import BookedElsewhere
from services.reservations.domain.refusals_of_days import DeadlinePassed, ExcludedBy, NotYetOpen
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import SheetState, Slot
from shared.errors import Refused

ViewState: TypeAlias = Literal[
    "bookable",
    "booked",
    "in_cart_booking",
    "in_cart_cancelling",
    "held",
    "requested",
    "cancellation_asked",
    "reported",
    "waiting",
    "offered",
    "cancelled",
    "closed",
    "past_deadline",
    "not_yet_open",
    "present",
    "absent_justified",
    "absent_unjustified",
    "present_unbooked",
    "full",
    "excluded",
    "requires_other",
    "other_household",
]
REBOOKABLE: frozenset[ViewState] = frozenset({"bookable", "cancelled", "full", "waiting", "offered"})
CANCELLABLE: frozenset[SheetState | None] = frozenset({"booked", "requested"})


class Cell(NamedTuple):
    """What a child's own sheet, cart and waiting lists say of one slot.

    `others`: the activities of that day it has or has chosen, as far as they bear on this one. `elsewhere`: its other
    household has the same booked, `taken`: that or what excludes it. `left`: places, None where they are not limited.
    """

    recorded: SheetState | None = None
    asked: bool = False
    reported: bool = False
    chosen: Action | None = None
    waiting: bool = False
    offered: bool = False
    left: int | None = None
    elsewhere: bool = False
    taken: bool = False
    others: frozenset[str] = frozenset()
    final: bool = False


BLANK = Cell()
FINAL = Cell(final=True)


class Ground(Protocol):
    """What the town, its rules and the clock say of the slots of one month for a child."""

    @property
    def programme(self) -> Programme: ...
    @property
    def activities(self) -> Mapping[str, Activity]: ...
    @property
    def day(self) -> Callable[[date], Day]: ...
    def answer(self, slot: Slot, action: Action) -> DayAnswer: ...


@dataclass(frozen=True, kw_only=True)
class DayView:
    """Instants are in the town's zone; `refusal` says why nothing (more) can be done, `label` names a day off.

    `book_tier` and `cancel_tier`: what it costs now that its deadline is over, or that an agent decides on it.
    """

    date: date
    state: ViewState
    kind: str
    label: str = ""
    can_book: bool = False
    can_cancel: bool = False
    can_wait: bool = False
    places_left: int | None = None
    book_until: datetime | None = None
    cancel_until: datetime | None = None
    opens: datetime | None = None
    rule: str = ""
    rule_version: int = 0
    book_tier: LateTier | None = None
    cancel_tier: LateTier | None = None
    refusal: Refused | None = None


def view_of(slot: Slot, cell: Cell, ground: Ground) -> DayView:
    book, what = ground.answer(slot, "book"), ground.day(slot[1])
    has_it = cell.recorded in CANCELLABLE
    cancel = ground.answer(slot, "cancel") if has_it or book.allowed else None
    misfit = None if has_it else _misfit(slot, cell, ground)
    state = _state(cell, book, misfit)
    free = book.allowed and misfit is None and not cell.final and not cell.taken and state in REBOOKABLE
    kept = _kept_by(slot, cell, ground) if has_it else None
    follows = cancel if has_it and cancel else book
    return DayView(
        date=slot[1],
        state=state,
        kind=what.kind,
        label=what.label,
        can_book=free and cell.left != 0,
        can_cancel=_can_cancel(cell, state, cancel) and kept is None,
        can_wait=free and cell.left == 0 and state != "waiting" and _has_waiting_list(slot, ground),
        places_left=cell.left,
        book_until=book.limit,
        cancel_until=cancel.limit if cancel else None,
        opens=book.opens,
        rule=follows.rule_id,
        rule_version=follows.rule_version,
        book_tier=book.tier if free else None,
        cancel_tier=cancel.tier if cancel and has_it else None,
        refusal=(follows.refusal or kept) if has_it else (book.refusal or _elsewhere(slot, cell, ground) or misfit),
    )


def _can_cancel(cell: Cell, state: ViewState, cancel: DayAnswer | None) -> bool:
    return state in CANCELLABLE and not cell.final and cancel is not None and cancel.allowed


def _has_waiting_list(slot: Slot, ground: Ground) -> bool:
    return ground.programme.regulation_on(slot[1]).waiting_list


def _elsewhere(slot: Slot, cell: Cell, ground: Ground) -> Refused | None:
    """What the other household has that day: the same, or what excludes it."""
    if not cell.taken:
        return None
    return BookedElsewhere(activity=ground.activities[slot[0]].name, date=slot[1])


def _misfit(slot: Slot, cell: Cell, ground: Ground) -> Refused | None:
    """What else the child has that day does not go with it, or what has to be there first is not."""
    return refused_together(ground.activities[slot[0]], cell.others, ground.activities)


def _kept_by(slot: Slot, cell: Cell, ground: Ground) -> Refused | None:
    """Something else of that day needs it."""
    return left_alone(ground.activities[slot[0]], cell.others, ground.activities)


def _state(cell: Cell, book: DayAnswer, misfit: Refused | None) -> ViewState:
    if cell.recorded is not None and cell.recorded != "cancelled":
        return _of_recorded(cell.recorded, cell)
    if cell.chosen == "book":
        return "in_cart_booking"
    if cell.elsewhere:
        return "other_household"
    if cell.waiting:
        return "offered" if cell.offered else "waiting"
    if cell.recorded == "cancelled":
        return "cancelled"
    return _offered(cell, book, misfit)


def _of_recorded(recorded: SheetState, cell: Cell) -> ViewState:
    if recorded in CANCELLABLE and cell.chosen == "cancel":
        return "in_cart_cancelling"
    if recorded == "booked" and cell.asked:
        return "cancellation_asked"
    return "reported" if recorded == "booked" and cell.reported else recorded


def _offered(cell: Cell, book: DayAnswer, misfit: Refused | None) -> ViewState:
    if isinstance(book.refusal, DeadlinePassed):
        return "past_deadline"
    if isinstance(book.refusal, NotYetOpen):
        return "not_yet_open"
    if book.refusal is not None:
        return "closed"
    if misfit is not None:
        return "excluded" if isinstance(misfit, ExcludedBy) else "requires_other"
    return "full" if cell.left == 0 else "bookable"

"""What of a few wished changes to one sheet is possible now, and why the rest is not.

The same function decides for a box in the calendar, a line of the cart, a validation and a one-tap booking.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.reservations.domain.bookable import RosterChild, left_alone, refused_together
from services.reservations.domain.cart import Line
from services.reservations.domain.late import LateTier
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals import (
    AlreadyAsked,
    AlreadyBooked,
    FullWithWaitingList,
    MonthIsClosed,
    NoPlaceLeft,
    NotBooked,
    PaymentAwaited,
)
from services.reservations.domain.refusals_of_custody import BookedElsewhere
from services.reservations.domain.sheet import Sheet, Slot, shown_month
from services.reservations.domain.town import Town
from services.reservations.domain.weeks import weekly_refusals
from shared.errors import Refused

WAITING_LIST = "/api/v1/waiting-list-entries"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`refused` and `tiers` are by line id; a line with a tier is possible, at what its tier says."""

    possible: tuple[Line, ...]
    refused: Mapping[str, Refused]
    tiers: Mapping[str, LateTier] = field(default_factory=dict)

    def slots(self, action: str) -> tuple[Slot, ...]:
        return tuple(line.slot for line in self.possible if line.action == action)


def decide(
    lines: Sequence[Line],
    *,
    sheet: Sheet,
    town: Town,
    child: RosterChild,
    now: datetime,
    full: Collection[Slot] = (),
    final: bool = False,
) -> Decision:
    """Each line by itself, then those of a day together with what is booked, the later of two rivals losing; then
    those of a week.

    `full`: slots found without a free place. `final`: nothing will be added to the lines, so that a week can be found
    to have too few days.
    """
    programme = town.programme(sheet.key.programme_id)
    alone = _alone(lines, sheet, town, child, now, full)
    refused = dict(alone.refused)
    while True:
        refused.update(_against_each_other(lines, refused, sheet, programme))
        left = [line for line in lines if line.id not in refused]
        over = weekly_refusals(left, sheet=sheet, town=town, child=child, now=now, final=final)
        if not over:
            return replace(alone, possible=tuple(left), refused=refused)
        # What falls out of a week may be what another line of its day needs.
        refused.update(over)


def _alone(
    lines: Sequence[Line], sheet: Sheet, town: Town, child: RosterChild, now: datetime, full: Collection[Slot]
) -> Decision:
    """Each line as if it were the only one."""
    programme = town.programme(sheet.key.programme_id)
    refused: dict[str, Refused] = {}
    tiers: dict[str, LateTier] = {}
    for line in lines:
        refusal = _refusal(line, sheet, programme, full)
        answer = None if refusal else town.answer(line.activity_id, line.date, action=line.action, child=child, now=now)
        refusal = refusal or (answer.refusal if answer else None)
        if refusal:
            refused[line.id] = refusal
        elif answer and answer.tier:
            tiers[line.id] = answer.tier
    possible = tuple(line for line in lines if line.id not in refused)
    return Decision(possible=possible, refused=refused, tiers=tiers)


def _refusal(line: Line, sheet: Sheet, programme: Programme, full: Collection[Slot]) -> Refused | None:
    """What the sheet and the places say of one line."""
    activity = programme.activity(line.activity_id)
    if sheet.closed:
        return MonthIsClosed(month=shown_month(sheet.key.month))
    state = sheet.state(line.slot)
    if state == "held":
        return PaymentAwaited(activity=activity.name, date=line.date)
    if line.action == "cancel":
        return _not_cancellable(activity, line, sheet)
    if state not in (None, "cancelled"):
        return AlreadyBooked(activity=activity.name, date=line.date)
    if _taken_elsewhere(activity, line.date, sheet):
        return BookedElsewhere(activity=activity.name, date=line.date)
    return no_place_left(activity, line.date, programme) if line.slot in full else None


def _not_cancellable(activity: Activity, line: Line, sheet: Sheet) -> Refused | None:
    entry = sheet.days.get(line.slot)
    if entry is None or entry.state not in ("booked", "requested"):
        return NotBooked(activity=activity.name, date=line.date)
    return AlreadyAsked(activity=activity.name, date=line.date) if entry.asked else None


def _taken_elsewhere(activity: Activity, day: date, sheet: Sheet) -> bool:
    """The same, or what excludes it: a child eats once. What it requires its own household books with it."""
    return any((other, day) in sheet.elsewhere for other in (activity.id, *activity.excludes))


def no_place_left(activity: Activity, day: date, programme: Programme) -> NoPlaceLeft:
    """The refusal of a full slot, with the way to the waiting list where there is one."""
    if programme.regulation_on(day).waiting_list:
        return FullWithWaitingList(activity=activity.name, date=day, waiting_list=True, next_href=WAITING_LIST)
    return NoPlaceLeft(activity=activity.name, date=day)


def _against_each_other(
    lines: Sequence[Line], refused: Collection[str], sheet: Sheet, programme: Programme
) -> dict[str, Refused]:
    """Day by day."""
    found: dict[str, Refused] = {}
    for day in sorted({line.date for line in lines}):
        left = [line for line in lines if line.date == day and line.id not in refused]
        found.update(_rivals(left, sheet, programme, day))
    return found


def _rivals(lines: Sequence[Line], sheet: Sheet, programme: Programme, day: date) -> dict[str, Refused]:
    """Take out the last line that does not go with the others, until all that are left go together."""
    left, refused = list(lines), dict[str, Refused]()
    while found := _last_misfit(left, sheet, programme, day):
        line, refusal = found
        left.remove(line)
        refused[line.id] = refusal
    return refused


def _last_misfit(lines: Sequence[Line], sheet: Sheet, programme: Programme, day: date) -> tuple[Line, Refused] | None:
    activities = {activity.id: activity for activity in programme.activities}
    cancelled = {line.activity_id for line in lines if line.action == "cancel"}
    booked = {line.activity_id for line in lines if line.action == "book"}
    after = (sheet.expected_on(day) - cancelled) | booked
    for line in reversed(lines):
        question = left_alone if line.action == "cancel" else refused_together
        others = after - {line.activity_id}
        if refusal := question(activities[line.activity_id], others, activities):
            return line, refusal
    return None

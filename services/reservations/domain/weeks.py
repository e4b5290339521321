"""What a few wished changes make of the weeks they touch: days beyond the most, or fewer than the least."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.reservations.domain.bookable import RosterChild, ask_about
from services.reservations.domain.cart import Line
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_weeks import TooFewDays, TooManyDays
from services.reservations.domain.sheet import EXPECTED, Sheet, SheetKey, Slot, month_of
from services.reservations.domain.town import Town
from services.reservations.domain.weekly import WeeklyRule, broken, counted_days, week_of
from shared.errors import NotFound, Refused


def has_weekly(programme: Programme, days: Iterable[date]) -> bool:
    return any(programme.regulation_on(day).weekly for day in days)


def lines_beyond(
    lines: Iterable[Line], key: SheetKey, town: Town, child: RosterChild, now: datetime
) -> tuple[Line, ...]:
    """What is asked of the child's other months in the programme and could be done, where rules count weeks."""
    others = [
        line
        for line in lines
        if (line.child_id, line.programme_id) == (key.child_id, key.programme_id) and month_of(line.date) != key.month
    ]
    programme = town.programmes.get(key.programme_id)
    if programme is None or not has_weekly(programme, {line.date for line in others}):
        return ()
    return tuple(line for line in others if _possible(line, town, child, now))


def _possible(line: Line, town: Town, child: RosterChild, now: datetime) -> bool:
    try:
        return town.answer(line.activity_id, line.date, action=line.action, child=child, now=now).allowed
    except NotFound:
        return False


def weekly_refusals(
    lines: Sequence[Line], *, sheet: Sheet, town: Town, child: RosterChild, now: datetime, final: bool
) -> dict[str, Refused]:
    """By line id. The least is asked only of what is `final`: a cart is filled day by day."""
    programme = town.programme(sheet.key.programme_id)
    if not has_weekly(programme, {line.date for line in lines}):
        return {}
    refused: dict[str, Refused] = {}
    for monday in sorted({week_of(line.date)[0] for line in lines}):
        mine = [line for line in lines if week_of(line.date)[0] == monday]
        for rule in programme.regulation_on(mine[0].date).weekly:
            week = _Week(rule, week_of(monday), sheet, programme, town, child, now)
            refused.update(week.refusals([line for line in mine if line.id not in refused], final=final))
    return refused


@dataclass(frozen=True)
class _Week:
    """One rule, one ISO week, one child."""

    rule: WeeklyRule
    days: tuple[date, ...]
    sheet: Sheet
    programme: Programme
    town: Town
    child: RosterChild
    now: datetime

    def refusals(self, lines: Sequence[Line], *, final: bool) -> dict[str, Refused]:
        """Whole days fall out from the last on while there are too many; all of them when there are too few."""
        refused: dict[str, Refused] = {}
        left = [line for line in lines if self._counts(line.slot)]
        before = self._counted(self._booked())
        while broken(self.rule, len(self._after(left)), len(self.days)) == "maximum":
            added = [line for line in left if line.action == "book" and line.date not in before]
            if not added:
                break
            over = [line for line in left if line.action == "book" and line.date == added[-1].date]
            refused.update({line.id: self._refusal(TooManyDays, line) for line in over})
            left = [line for line in left if line not in over]
        if final and self._too_few(left, before):
            refused.update({line.id: self._refusal(TooFewDays, line) for line in left})
        return refused

    def _too_few(self, lines: Sequence[Line], before: frozenset[date]) -> bool:
        if self.rule.minimum is None or not lines:
            return False
        after = self._after(lines)
        if len(after) == len(before) or not 0 < len(after) < self.rule.minimum:
            return False
        return broken(self.rule, len(after), len(before | after | self._open())) == "minimum"

    def _after(self, lines: Iterable[Line]) -> frozenset[date]:
        """The days that count when the lines are done."""
        cancelled = {line.slot for line in lines if line.action == "cancel"}
        booked = {line.slot for line in lines if line.action == "book"}
        return self._counted((self._booked() - cancelled) | booked)

    def _booked(self) -> frozenset[Slot]:
        mine = {slot for slot, entry in self.sheet.days.items() if entry.state in EXPECTED}
        return frozenset(slot for slot in mine | self.sheet.around if slot[1] in self.days)

    def _open(self) -> frozenset[date]:
        """The days that could still be booked in time."""
        return self._counted(slot for slot in self._slots() if self._could_be_booked(slot))

    def _slots(self) -> Iterator[Slot]:
        return ((activity.id, day) for activity in self.programme.activities for day in self.days)

    def _could_be_booked(self, slot: Slot) -> bool:
        answer = self.town.answer(*slot, action="book", child=self.child, now=self.now)
        return answer.allowed and answer.tier is None

    def _counts(self, slot: Slot) -> bool:
        return bool(self._counted([slot]))

    def _counted(self, slots: Iterable[Slot]) -> frozenset[date]:
        calendar = self.town.calendar
        asked = (
            ask_about(self.programme.activity(activity_id), day, child=self.child, calendar=calendar)
            for activity_id, day in slots
        )
        return counted_days(self.rule, asked)

    def _refusal(self, kind: type[Refused], line: Line) -> Refused:
        bounds = {"minimum": self.rule.minimum, "maximum": self.rule.maximum}
        return kind(
            activity=self.programme.activity(line.activity_id).name,
            date=line.date,
            week=self.days[0],
            **{name: bound for name, bound in bounds.items() if bound},
            rule=self.rule.id,
            rule_version=self.programme.regulation_on(line.date).version,
        )

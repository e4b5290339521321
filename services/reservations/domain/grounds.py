"""What town, rules and clock say of a month, worked out once a minute for all children for whom they say the same.

Every limit and opening of a regulation lies on a whole minute of the clock, so that between two of them no answer
changes. What is kept is therefore exactly what would be worked out again: a test holds the two against each other.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.reservations.domain.audience import Audience
from services.reservations.domain.bookable import DayAnswer, RosterChild
from services.reservations.domain.calendar import Day
from services.reservations.domain.day_view import Cell, DayView, view_of
from services.reservations.domain.days import days_of
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import Slot
from services.reservations.domain.town import Town

MOST = 300
"""Months kept at once, of some 150 kB each."""


class MonthGround:
    """The answers and views of one month for one child, or all who are alike; each is worked out when first asked."""

    def __init__(self, town: Town, programme: Programme, child: RosterChild, month: str, now: datetime) -> None:
        self.town, self.programme, self.month = town, programme, month
        self.days = days_of(month)
        self.activities = {activity.id: activity for activity in programme.activities}
        self.bears_on = {activity.id: _bearing(activity, programme) for activity in programme.activities}
        self.alone = {activity_id: frozenset({activity_id}) for activity_id in self.activities}
        self.memory: dict[Hashable, Any] = {}
        """For whoever shows it: what was made of these views before."""
        self._child, self._now = child, now
        self._answers: dict[tuple[Slot, Action], DayAnswer] = {}
        self._views: dict[tuple[Slot, Cell], DayView] = {}
        self._what: dict[date, Day] = {}

    def answer(self, slot: Slot, action: Action) -> DayAnswer:
        known = self._answers.get((slot, action))
        if known is None:
            known = self.town.answer(slot[0], slot[1], action=action, child=self._child, now=self._now)
            self._answers[slot, action] = known
        return known

    def day(self, day: date) -> Day:
        if day not in self._what:
            enrolment = self._child.enrolment_on(self.programme.id, day)
            self._what[day] = self.town.calendar.kind_of(day, enrolment.site_id if enrolment else None)
        return self._what[day]

    def view(self, slot: Slot, cell: Cell) -> DayView:
        """The same object for the same question."""
        known = self._views.get((slot, cell))
        if known is None:
            known = self._views[slot, cell] = view_of(slot, cell, self)
        return known


class Grounds:
    """Those of the running minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._kept: dict[Hashable, MonthGround] = {}
        self._audiences: dict[int, tuple[Programme, tuple[Audience, ...]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, child: RosterChild, town: Town, programme: Programme, month: str, now: datetime) -> MonthGround:
        """For children of two households who have weeks of their own, and in the instant of a limit, a new one."""
        if child.custody is not None or not now.timestamp() % 60:
            return MonthGround(town, programme, child, month, now)
        minute = int(now.timestamp() // 60)
        if minute != self._minute:
            self._minute, self._kept, self._audiences = minute, {}, {}
        # The town itself is part of what is kept: its identity stands for its version and cannot be another's.
        alike = (id(town), programme.id, month, likeness(child, programme, month, self._audiences_in(programme)))
        known = self._kept.get(alike)
        if known is None:
            if len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            known = self._kept[alike] = MonthGround(town, programme, child, month, now)
        return known

    def _audiences_in(self, programme: Programme) -> tuple[Audience, ...]:
        if id(programme) not in self._audiences:
            self._audiences[id(programme)] = programme, tuple(audiences_in(programme))
        return self._audiences[id(programme)][1]


def likeness(child: RosterChild, programme: Programme, month: str, audiences: Sequence[Audience]) -> Hashable:
    """Children for whom it is the same get the same answers on every day of the month.

    Rules see a child by whether it lives in the town, where it is enrolled, and by what their audiences say of it.
    """
    days = days_of(month)
    first, last = days[0], days[-1]
    mine = [one for one in child.enrolments if one.programme_id == programme.id]
    there = [one for one in mine if one.starts <= last and one.ends >= first]
    # Of several the one that started last counts: the order of their first days, too, is part of the likeness.
    enrolled = tuple((max(one.starts, first), min(one.ends, last), one.site_id) for one in there)
    begun = tuple(one.starts for one in there) if len(there) > 1 else ()
    return child.resident, enrolled, begun, tuple(_fits(child, programme, days, audiences))


def _fits(
    child: RosterChild, programme: Programme, days: Iterable[date], audiences: Sequence[Audience]
) -> Iterator[bool]:
    for day in days if audiences else ():
        who = child.who_on(programme.id, child.enrolment_on(programme.id, day))
        yield from (audience.fits(who, day) for audience in audiences)


def audiences_in(part: Any) -> Iterator[Audience]:
    """Every audience a programme, its activities and its regulations speak of, wherever they do."""
    if isinstance(part, Audience):
        yield part
    elif isinstance(part, BaseModel):
        yield from audiences_in([value for _, value in part])
    elif is_dataclass(part):
        yield from audiences_in([getattr(part, field.name) for field in fields(part)])
    elif isinstance(part, tuple | list):
        for one in part:
            yield from audiences_in(one)


def _bearing(activity: Activity, programme: Programme) -> frozenset[str]:
    """The activities it matters to on the same day."""
    needing = {other.id for other in programme.activities if activity.id in other.requires}
    return activity.excludes | activity.requires | needing

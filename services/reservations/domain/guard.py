"""The cut-off guard: which days of a child's usual week are not booked while their cut-off comes near.

Days of one cut-off are told of together, with the rest of their ISO weeks, and each week once: where every day has a
cut-off of its own, a family hears of the week before the first.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from services.reservations.domain.bookable import DayAnswer, Enrolment, RosterChild
from services.reservations.domain.calendar import DayKind
from services.reservations.domain.capacity import age_on
from services.reservations.domain.cart import Line, by_sheet
from services.reservations.domain.decision import decide
from services.reservations.domain.pattern import Pattern, days_between, monday_of, slots_of
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.sheet import EXPECTED, Sheet, Slot, in_order, month_of
from services.reservations.domain.town import Town
from services.reservations.domain.usual_week import UsualWeek, learned
from shared.contracts.reservations_weeks import MissedDay, RemindedDay, UsualWeekMissed, UsualWeekReminder

LOOK_AHEAD = timedelta(weeks=6)
LOOK_BACK = timedelta(weeks=10)
ByMonth: TypeAlias = Mapping[str, Sheet]
"""A child's sheets in one programme."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Days that can be booked until `until`, and what of their weeks can be booked even later."""

    slots: tuple[Slot, ...]
    until: datetime

    @property
    def monday(self) -> date:
        return min(monday_of(day) for _, day in self.slots)


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """What a household was told before a cut-off; the link's secret is kept as a hash."""

    id: str
    household_id: str
    municipality_id: str
    child_id: str
    programme_id: str
    slots: tuple[Slot, ...]
    until: datetime
    secret_hash: str
    used_at: datetime | None = None

    def missed(self) -> UsualWeekMissed:
        return UsualWeekMissed(
            municipality_id=self.municipality_id,
            household_id=self.household_id,
            child_id=self.child_id,
            programme_id=self.programme_id,
            days=tuple(MissedDay(activity_id=activity_id, date=day) for activity_id, day in self.slots),
            until=self.until,
        )

    def letter(self, child: RosterChild, programme: Programme, secret: str) -> UsualWeekReminder:
        names = {activity.id: activity.name for activity in programme.activities}
        return UsualWeekReminder(
            reminder_id=self.id,
            municipality_id=self.municipality_id,
            household_id=self.household_id,
            child_id=self.child_id,
            programme_id=self.programme_id,
            child_first_name=child.first_name,
            programme_name=programme.name,
            days=tuple(RemindedDay(activity_name=names[activity_id], date=day) for activity_id, day in self.slots),
            until=self.until,
            token=secret,
        )


@dataclass
class Outlook:
    """What the days around now mean in one programme; children of whom nothing is different share an answer."""

    town: Town
    programme: Programme
    now: datetime
    _answers: dict[tuple[Any, ...], DayAnswer] = field(default_factory=dict)
    _running: dict[tuple[str, date, str], bool] = field(default_factory=dict)
    _stretches: dict[tuple[Any, ...], Stretch | None] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.town.calendar.today(self.now)

    def next_stretch(self, child: RosterChild, lead: timedelta) -> Stretch | None:
        """The school days whose cut-off comes within `lead`; None while it is further away."""
        key = self._alike(child)
        if key is None:
            return self._next_stretch(child, lead)
        if (*key, lead) not in self._stretches:
            self._stretches[*key, lead] = self._next_stretch(child, lead)
        return self._stretches[*key, lead]

    def _alike(self, child: RosterChild) -> tuple[Any, ...] | None:
        """What a whole class has in common; None for a child that has a birthday or weeks of its own in these days."""
        first, last = age_on(child.birth_date, self.today), age_on(child.birth_date, self.today + LOOK_AHEAD)
        if child.custody is not None or first != last:
            return None
        mine = (one for one in child.enrolments if one.programme_id == self.programme.id)
        places = tuple((one.site_id, one.group, one.category, one.starts, one.ends) for one in mine)
        return places, child.resident, first, min((one.starts for one in child.enrolments), default=None)

    def _next_stretch(self, child: RosterChild, lead: timedelta) -> Stretch | None:
        coming = list(self._coming(child))
        if not coming:
            return None
        first = min((limit for _, limit in coming), key=datetime.timestamp)
        if first > self.now + lead:
            return None
        weeks = {monday_of(day) for (_, day), limit in coming if limit == first}
        return Stretch(slots=in_order(slot for slot, _ in coming if monday_of(slot[1]) in weeks), until=first)

    def _coming(self, child: RosterChild) -> Iterator[tuple[Slot, datetime]]:
        """School days that can be booked, each with its limit: holidays and closed days stay quiet."""
        for day in days_between(self.today, self.today + LOOK_AHEAD):
            enrolment = child.enrolment_on(self.programme.id, day)
            if enrolment is None or child.is_away_on(day):
                continue
            for activity in self.programme.activities:
                if self._runs(activity, day, enrolment.site_id):
                    answer = self._answer(activity, day, child, enrolment)
                    if answer.allowed and answer.limit and answer.limit > self.now:
                        yield (activity.id, day), answer.limit

    def _runs(self, activity: Activity, day: date, site_id: str) -> bool:
        place = activity.id, day, site_id
        if place not in self._running:
            kind = self.town.calendar.kind_of(day, site_id)
            self._running[place] = kind.kind is DayKind.SCHOOL_DAY and activity.runs(kind)
        return self._running[place]

    def _answer(self, activity: Activity, day: date, child: RosterChild, enrolment: Enrolment) -> DayAnswer:
        """By all that rules may look at in a child."""
        place = (enrolment.site_id, enrolment.group, enrolment.category)
        since = min(one.starts for one in child.enrolments)
        key = (activity.id, day, *place, child.resident, age_on(child.birth_date, day), since)
        if key not in self._answers:
            self._answers[key] = self.town.answer(activity.id, day, action="book", child=child, now=self.now)
        return self._answers[key]

    def usual(self, child: RosterChild, week: UsualWeek | None, sheets: ByMonth, stretch: Stretch) -> frozenset[Slot]:
        """The days of the stretch the child usually has: as its family set it, else as the last weeks show it."""
        first, last = stretch.slots[0][1], stretch.slots[-1][1]
        if week is not None and week.ends >= first:
            wanted = week.slots(first, last)
        else:
            wanted = slots_of(self._learned(child, sheets), first, last)
        return frozenset(wanted) & frozenset(stretch.slots)

    def _learned(self, child: RosterChild, sheets: ByMonth) -> Pattern:
        had = {slot for sheet in sheets.values() for slot, entry in sheet.days.items() if _was_meant(entry.state)}
        return learned(had, self._open_before(child))

    def _open_before(self, child: RosterChild) -> Iterator[Slot]:
        """Newest first."""
        for day in reversed(days_between(self.today - LOOK_BACK, self.today - timedelta(days=1))):
            enrolment = child.enrolment_on(self.programme.id, day)
            if enrolment is not None and not child.is_away_on(day):
                for activity in self.programme.activities:
                    if self._runs(activity, day, enrolment.site_id):
                        yield activity.id, day

    def missing(self, child: RosterChild, wanted: Collection[Slot], sheets: ByMonth) -> tuple[Slot, ...]:
        """Those of the wanted days that are not booked and could be; what was cancelled was meant to be."""
        empty = [slot for slot in in_order(wanted) if slot not in sheets[month_of(slot[1])].days]
        lines = [self._line(slot, child) for slot in empty]
        found: list[Slot] = []
        for key, mine in by_sheet(lines, child.household_id):
            sheet = replace(sheets[key.month], around=_around(key.month, lines, sheets))
            decision = decide(mine, sheet=sheet, town=self.town, child=child, now=self.now)
            found += decision.slots("book")
        return in_order(found)

    def _line(self, slot: Slot, child: RosterChild) -> Line:
        activity_id, day = slot
        return Line(
            id=f"{activity_id}|{day.isoformat()}",
            child_id=child.child_id,
            municipality_id=child.municipality_id,
            programme_id=self.programme.id,
            activity_id=activity_id,
            date=day,
            action="book",
            added_at=self.now,
        )


def reminder_key(child: RosterChild, programme_id: str, stretch: Stretch) -> str:
    """Of one week a household hears once."""
    return f"{child.household_id}/{child.child_id}/{programme_id}/{stretch.monday.isoformat()}"


def months_around(now: date) -> tuple[str, ...]:
    """The months whose sheets are looked at."""
    days = days_between(now - LOOK_BACK, now + LOOK_AHEAD + timedelta(days=7))
    return tuple(sorted({month_of(day) for day in days}))


def _around(month: str, lines: Sequence[Line], sheets: ByMonth) -> frozenset[Slot]:
    """What the weeks of the lines have, or would have, in other months: some rules count the days of a week."""
    mondays = {monday_of(line.date) for line in lines}
    others = (sheet for name, sheet in sheets.items() if name != month)
    had = {slot for sheet in others for slot, entry in sheet.days.items() if entry.state in EXPECTED}
    asked = {line.slot for line in lines if month_of(line.date) != month}
    return frozenset(slot for slot in had | asked if monday_of(slot[1]) in mondays)


def _was_meant(state: str) -> bool:
    return state in EXPECTED or state.startswith("absent")

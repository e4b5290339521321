"""Whether a child's day can be booked or cancelled now, and if not, why and until when it could."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from services.reservations.domain.audience import Who
from services.reservations.domain.calendar import Day, DayKind, TownCalendar
from services.reservations.domain.capacity import Pool, Seat, Slot, age_on
from services.reservations.domain.deadlines import Asked
from services.reservations.domain.late import LateTier
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals_of_custody import OtherHouseholdsDay
from services.reservations.domain.refusals_of_days import (
    ClosedThen,
    DeadlinePassed,
    ExcludedBy,
    NotEnrolled,
    NotForThisChild,
    NotThatWeekday,
    NotYetOpen,
    NoWindow,
    OnlyInHolidays,
    PublicHolidayThen,
    RequiredFirst,
    SchoolHolidayThen,
    StillRequired,
)
from services.reservations.domain.verdict import Action, Verdict
from services.reservations.domain.wording.audiences import say_audience
from shared.contracts.households import CustodyPlan
from shared.errors import Refused

REFUSED_BY_RULE: Mapping[str, type[Refused]] = {
    "no_window": NoWindow,
    "not_yet": NotYetOpen,
    "passed": DeadlinePassed,
}


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """A child in a programme, at a site, in a class, from `starts` to `ends`, both included.

    `category` and `diet` are codes of the town's own, empty where it has none; two that differ by `id` alone are equal.
    """

    programme_id: str
    site_id: str
    group: str
    starts: date
    ends: date
    category: str = ""
    diet: str = ""
    id: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class RosterChild:
    """A child as one town knows it, linked to one household; `birth_date` is None until its profile came.

    `others`: further households of the child in that town; `custody`: whose days are whose between them, if set.
    """

    child_id: str
    municipality_id: str
    household_id: str
    reference: str
    first_name: str
    last_name: str
    birth_date: date | None
    resident: bool
    enrolments: tuple[Enrolment, ...]
    others: frozenset[str] = frozenset()
    custody: CustodyPlan | None = None
    left: bool = False
    """The household left the town: it books no more there; agents still see what is booked."""

    def is_away_on(self, day: date) -> bool:
        """Whether that day is another household's."""
        return self.custody is not None and self.custody.household_on(day) != self.household_id

    def seat_on(self, programme_id: str, day: date) -> Seat:
        """Where the child sits that day, as far as places are counted by it."""
        enrolment, age = self.enrolment_on(programme_id, day), age_on(self.birth_date, day)
        if enrolment is None:
            return Seat(age=age)
        return Seat(site_id=enrolment.site_id, group=enrolment.group, age=age)

    def pools_of(self, programme: Programme, slots: Iterable[Slot]) -> dict[Slot, Mapping[Pool, int]]:
        """What each day takes its places from; days without limits are left out."""
        if not programme.has_limits:
            return {}
        found = {slot: programme.pools(*slot, self.seat_on(programme.id, slot[1])) for slot in slots}
        return {slot: needed for slot, needed in found.items() if needed}

    def enrolment_on(self, programme_id: str, day: date) -> Enrolment | None:
        """Of several for a day the one that started last: a new class replaces the old one by starting."""
        found: Enrolment | None = None
        for one in self.enrolments:
            if one.programme_id == programme_id and one.starts <= day <= one.ends:
                found = one if found is None or found.starts < one.starts else found
        return found

    def who_on(self, programme_id: str, enrolment: Enrolment | None) -> Who:
        """The child as rules and audiences see it, where and as it is enrolled that day."""
        return Who(
            resident=self.resident,
            group=enrolment.group if enrolment else "",
            category=enrolment.category if enrolment else "",
            birth_date=self.birth_date,
            enrolled=self._first_days.get(programme_id),
        )

    @cached_property
    def _first_days(self) -> Mapping[str, date]:
        """Of its first enrolment in each programme."""
        first: dict[str, date] = {}
        for one in self.enrolments:
            first[one.programme_id] = min(one.starts, first.get(one.programme_id, one.starts))
        return first

    def enrolled_before(self, day: date) -> bool:
        """Whether the town had the child in any programme before that day."""
        return any(enrolment.starts < day for enrolment in self.enrolments)


@dataclass(frozen=True, kw_only=True)
class DayAnswer:
    """`limit` and `opens` are in the town's zone; None when the day is refused before any deadline matters.

    `tier`: what doing it now costs, when its deadline is over and the regulation still takes it until `late_until`;
    or, in time, that an agent decides on it.
    """

    refusal: Refused | None = None
    limit: datetime | None = None
    opens: datetime | None = None
    rule_id: str = ""
    rule_version: int = 0
    tier: LateTier | None = None
    late_until: datetime | None = None

    @property
    def allowed(self) -> bool:
        return self.refusal is None


def answer_for(
    activity: Activity,
    day: date,
    *,
    action: Action,
    child: RosterChild,
    programme: Programme,
    calendar: TownCalendar,
    now: datetime,
    contact: str,
) -> DayAnswer:
    """The first reason against it, the one a family can do least about first.

    Cancelling asks only the regulation: what is booked can be cancelled though the child left or the day closed.
    """
    enrolment = child.enrolment_on(programme.id, day)
    facts: dict[str, Any] = {"activity": activity.name, "programme": programme.name, "day": day, "contact": contact}
    if child.is_away_on(day):
        return DayAnswer(refusal=OtherHouseholdsDay(**facts))
    asked = _asked(activity, day, child, enrolment, calendar)
    if action == "book":
        if enrolment is None:
            return DayAnswer(refusal=NotEnrolled(**facts))
        if refusal := _not_running(activity, asked.what, facts) or _not_for(activity, asked, facts):
            return DayAnswer(refusal=refusal)
    return _by_rule(programme.regulation_on(day).terms(action, asked).verdict(now), facts)


def ask_about(activity: Activity, day: date, *, child: RosterChild, calendar: TownCalendar) -> Asked:
    """What rules are asked about an activity of a child's day."""
    return _asked(activity, day, child, child.enrolment_on(activity.programme_id, day), calendar)


def _asked(
    activity: Activity, day: date, child: RosterChild, enrolment: Enrolment | None, calendar: TownCalendar
) -> Asked:
    return Asked.about(
        day,
        calendar,
        who=child.who_on(activity.programme_id, enrolment),
        activity=activity.code,
        starts=activity.starts,
        site_id=enrolment.site_id if enrolment else None,
    )


def _not_for(activity: Activity, asked: Asked, facts: Mapping[str, Any]) -> Refused | None:
    if activity.audience is None or activity.audience.fits(asked.who, asked.day):
        return None
    return NotForThisChild(**facts, audience=say_audience(activity.audience))


def _not_running(activity: Activity, day: Day, facts: Mapping[str, Any]) -> Refused | None:
    if activity.runs(day):
        return None
    named = {**facts, "label": day.label}
    if not day.weekdays & activity.weekdays_on(("school_day", "holiday", "any_day")):
        return NotThatWeekday(**named)
    if day.kind is DayKind.PUBLIC_HOLIDAY:
        return PublicHolidayThen(**named)
    if day.kind is DayKind.CLOSURE:
        return ClosedThen(**named)
    if day.kind is DayKind.HOLIDAY and not activity.weekdays_on(("holiday", "any_day")):
        return SchoolHolidayThen(**named)
    if day.kind is DayKind.SCHOOL_DAY and not activity.weekdays_on(("school_day", "any_day")):
        return OnlyInHolidays(**named)
    return NotThatWeekday(**named)


def _by_rule(verdict: Verdict, facts: Mapping[str, Any]) -> DayAnswer:
    return DayAnswer(
        refusal=None if verdict.open else _refused_by(verdict, facts),
        limit=verdict.limit,
        opens=verdict.opens,
        rule_id=verdict.rule_id,
        rule_version=verdict.rule_version,
        tier=verdict.tier,
        late_until=verdict.late_until,
    )


def _refused_by(verdict: Verdict, facts: Mapping[str, Any]) -> Refused:
    kind = REFUSED_BY_RULE[verdict.state]
    known: dict[str, Any] = {"rule": verdict.rule_id, "rule_version": verdict.rule_version}
    if verdict.audience:
        kind, known["audience"] = NotForThisChild, say_audience(verdict.audience)
    instants = {name: at for name, at in (("limit", verdict.limit), ("opens", verdict.opens)) if at}
    return kind(**facts, **known, **instants)


def refused_together(
    activity: Activity, others: AbstractSet[str], activities: Mapping[str, Activity]
) -> Refused | None:
    """Whether `activity` goes with the `others` the child has, or will have, the same day."""
    for other in sorted(activity.excludes & others):
        return ExcludedBy(activity=activity.name, other=activities[other].name)
    for other in sorted(activity.requires - others):
        return RequiredFirst(activity=activity.name, other=activities[other].name)
    return None


def left_alone(activity: Activity, others: AbstractSet[str], activities: Mapping[str, Activity]) -> Refused | None:
    """Whether cancelling `activity` would leave one of the `others` of that day without what it requires."""
    for other in sorted(others):
        if activity.id in activities[other].requires:
            return StillRequired(activity=activity.name, other=activities[other].name)
    return None

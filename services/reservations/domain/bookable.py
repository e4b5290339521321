"""Whether a child's day can be booked or cancelled now, and if not, why and until when it could."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.reservations.domain.calendar import Day, DayKind, TownCalendar
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals_of_custody import OtherHouseholdsDay
from services.reservations.domain.refusals_of_days import (
    ClosedThen,
    DeadlinePassed,
    ExcludedBy,
    NotEnrolled,
    NotThatWeekday,
    NotYetOpen,
    NoWindow,
    OnlyInHolidays,
    PublicHolidayThen,
    RequiredFirst,
    SchoolHolidayThen,
    StillRequired,
)
from services.reservations.domain.regulation import Action, Verdict
from shared.contracts.households import CustodyPlan
from shared.errors import Refused

REFUSED_BY_RULE: Mapping[str, type[Refused]] = {
    "no_window": NoWindow,
    "not_yet": NotYetOpen,
    "passed": DeadlinePassed,
}


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """A child in a programme, at a site, in a class, from `starts` to `ends`, both included."""

    programme_id: str
    site_id: str
    group: str
    starts: date
    ends: date


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

    def enrolment_on(self, programme_id: str, day: date) -> Enrolment | None:
        """Of several for a day the one that started last: a new class replaces the old one by starting."""
        found = (
            enrolment
            for enrolment in self.enrolments
            if enrolment.programme_id == programme_id and enrolment.starts <= day <= enrolment.ends
        )
        return max(found, key=lambda enrolment: enrolment.starts, default=None)


@dataclass(frozen=True, kw_only=True)
class DayAnswer:
    """`limit` and `opens` are in the town's zone; None when the day is refused before any deadline matters."""

    refusal: Refused | None = None
    limit: datetime | None = None
    opens: datetime | None = None
    rule_id: str = ""
    rule_version: int = 0

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
    site_id = enrolment.site_id if enrolment else None
    facts: dict[str, Any] = {"activity": activity.name, "programme": programme.name, "day": day, "contact": contact}
    if child.is_away_on(day):
        return DayAnswer(refusal=OtherHouseholdsDay(**facts))
    if action == "book":
        if enrolment is None:
            return DayAnswer(refusal=NotEnrolled(**facts))
        if refusal := _not_running(activity, calendar.kind_of(day, site_id), facts):
            return DayAnswer(refusal=refusal)
    regulation = programme.regulation
    verdict = regulation.verdict(action, day, now=now, calendar=calendar, resident=child.resident, site_id=site_id)
    return _by_rule(verdict, facts)


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
    kind = REFUSED_BY_RULE.get(verdict.state)
    known = {"rule": verdict.rule_id, "rule_version": verdict.rule_version}
    instants = {name: at for name, at in (("limit", verdict.limit), ("opens", verdict.opens)) if at}
    return DayAnswer(
        refusal=kind(**facts, **known, **instants) if kind else None,
        limit=verdict.limit,
        opens=verdict.opens,
        rule_id=verdict.rule_id,
        rule_version=verdict.rule_version,
    )


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

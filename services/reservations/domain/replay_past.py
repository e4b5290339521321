"""A child's past under a draft: its bookings and cancellations, its weeks, its absences, what was refused it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.absence_runs import free_days, runs_of
from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.entry import EXPECTED, Entry, Slot
from services.reservations.domain.excuses import QUOTA
from services.reservations.domain.grounds import audiences_in
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.replay import Act, Difference, Judged, Rules, Seen, Sight, replay
from services.reservations.domain.verdict import Action
from services.reservations.domain.weekly import Broken, broken, week_of

Tally: TypeAlias = Literal["bookings", "cancellations", "refused", "weeks", "absences", "unknown", "by_agents"]
COMING = EXPECTED | {"absent_justified", "absent_unjustified"}
"""States of a day that was booked and not cancelled."""


@dataclass(frozen=True, kw_only=True)
class RefusedAct:
    """What a family tried and a deadline refused: kept for a month."""

    action: Action
    slot: Slot
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Past:
    """All that one child of one household had in the programme around the period."""

    child: RosterChild
    days: Mapping[Slot, Entry]
    refused: Sequence[RefusedAct] = ()


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """`tallies`: how much was judged, and how much could not be: done at an unknown instant, or by agents."""

    differences: tuple[Difference, ...]
    tallies: Mapping[Tally, int]


@dataclass(kw_only=True)
class Case:
    """A draft beside the regulation in force, for the days `first` to `last` of a programme."""

    programme: Programme
    calendar: TownCalendar
    first: date
    last: date
    in_force: Regulation
    draft: Regulation

    def __post_init__(self) -> None:
        self.old, self.new = Rules(self.in_force), Rules(self.draft)
        audiences = tuple(dict.fromkeys([*audiences_in(self.in_force), *audiences_in(self.draft)]))
        self.sight = Sight(self.programme, self.calendar, audiences)
        self.activities = {activity.id: activity for activity in self.programme.activities}
        self.weekly = bool(self.in_force.weekly or self.draft.weekly)

    def replay(self, past: Past) -> Replayed:
        tallies: Counter[Tally] = Counter()
        differences = [
            *self._acts(past, tallies),
            *(self._weeks(past, tallies) if self.weekly else ()),
            *(self._absences(past, tallies) if self.in_force.absences != self.draft.absences else ()),
        ]
        return Replayed(differences=tuple(differences), tallies=tallies)

    def _acts(self, past: Past, tallies: Counter[Tally]) -> Iterator[Difference]:
        for act in (*self._done(past, tallies), *self._tried(past, tallies)):
            seen = self.sight.of(act.activity, act.day, past.child)
            if found := replay(act, seen, self.old, self.new):
                yield found

    def _done(self, past: Past, tallies: Counter[Tally]) -> Iterator[Act]:
        for (activity_id, day), entry in past.days.items():
            activity = self.activities.get(activity_id)
            if activity is None or entry.unbooked or not self.first <= day <= self.last:
                continue
            yield from _booking(activity, day, entry, tallies)
            if entry.state == "cancelled" and entry.cancelled != "service":
                yield from _cancellation(activity, day, entry, tallies)

    def _tried(self, past: Past, tallies: Counter[Tally]) -> Iterator[Act]:
        for tried in past.refused:
            activity_id, day = tried.slot
            if activity_id in self.activities and self.first <= day <= self.last:
                tallies["refused"] += 1
                yield Act(action=tried.action, activity=self.activities[activity_id], day=day, at=tried.at)

    def _weeks(self, past: Past, tallies: Counter[Tally]) -> Iterator[Difference]:
        weeks: defaultdict[date, list[Slot]] = defaultdict(list)
        for (activity_id, day), entry in past.days.items():
            if entry.state in COMING and activity_id in self.activities:
                weeks[day - timedelta(days=day.weekday())].append((activity_id, day))
        for monday, booked in sorted(weeks.items()):
            if any(self.first <= day <= self.last for _, day in booked):
                tallies["weeks"] += 1
                seen = self._seen(booked, past.child)
                before, after = (self._broken(rules, seen, monday, past.child) for rules in (self.old, self.new))
                yield from _of_week(monday, before, after)

    def _broken(self, rules: Rules, booked: list[Seen], monday: date, child: RosterChild) -> dict[Broken, str]:
        """Which rule of it the week breaks, by how."""
        found: dict[Broken, str] = {}
        for rule in rules.regulation.weekly:
            counted = rules.counted(rule, booked)
            days = counted
            if rule.minimum and 0 < len(counted) < rule.minimum:
                days |= rules.counted(rule, self._seen(self._open(monday, child), child))
            if how := broken(rule, len(counted), len(days)):
                found.setdefault(how, rule.id)
        return found

    def _seen(self, slots: Iterable[Slot], child: RosterChild) -> list[Seen]:
        return [self.sight.of(self.activities[activity_id], day, child) for activity_id, day in slots]

    def _open(self, monday: date, child: RosterChild) -> Iterator[Slot]:
        """What the child could book that week, whenever it did."""
        for day in week_of(monday):
            enrolment = child.enrolment_on(self.programme.id, day)
            if enrolment is None or child.is_away_on(day):
                continue
            what = self.calendar.kind_of(day, enrolment.site_id)
            who = child.who_on(self.programme.id, enrolment)
            for activity in self.activities.values():
                if activity.runs(what) and (activity.audience is None or activity.audience.fits(who, day)):
                    yield activity.id, day

    def _absences(self, past: Past, tallies: Counter[Tally]) -> Iterator[Difference]:
        """Days in a row, of those booked, on which the child was not seen and somebody proved why."""
        came = {day for (_, day), entry in past.days.items() if entry.state == "present"}
        booked = {day for (_, day), entry in past.days.items() if entry.state in COMING and not entry.unbooked}
        proven = {slot: entry for slot, entry in past.days.items() if _proven(entry) and slot[1] not in came}
        for run in runs_of({day for _, day in proven}, booked):
            free_before, free_after = (free_days(one.absences, run) for one in (self.in_force, self.draft))
            for (activity_id, day), entry in proven.items():
                # What is due though the rules make it free was proven too late, and would be so again.
                too_late = entry.excused == "due" and day in free_before
                if day in run and self.first <= day <= self.last and not too_late:
                    tallies["absences"] += 1
                    before, after = (_due_or_free(day, free) for free in (free_before, free_after))
                    if after.differs(before):
                        yield Difference(
                            kind="absence", activity_id=activity_id, day=day, at=None, before=before, after=after
                        )


def _booking(activity: Activity, day: date, entry: Entry, tallies: Counter[Tally]) -> Iterator[Act]:
    if entry.by == "agent":
        tallies["by_agents"] += 1
    elif entry.at is None:
        tallies["unknown"] += 1
    else:
        tallies["bookings"] += 1
        yield Act(action="book", activity=activity, day=day, at=entry.at)


def _cancellation(activity: Activity, day: date, entry: Entry, tallies: Counter[Tally]) -> Iterator[Act]:
    if entry.cancelled_at is None:
        tallies["unknown"] += 1
    else:
        tallies["cancellations"] += 1
        yield Act(action="cancel", activity=activity, day=day, at=entry.cancelled_at)


def _proven(entry: Entry) -> bool:
    """A quota asks for no proof, and does not come into this."""
    return entry.proof != QUOTA and (entry.state == "absent_justified" or bool(entry.excused))


def _due_or_free(day: date, free: frozenset[date]) -> Judged:
    return Judged(effect="free" if day in free else "due", rule_id="absences")


def _of_week(monday: date, before: Mapping[Broken, str], after: Mapping[Broken, str]) -> Iterator[Difference]:
    for how in sorted(before.keys() ^ after.keys()):
        yield Difference(
            kind="week",
            activity_id="",
            day=monday,
            at=None,
            before=_week_judged(how, before),
            after=_week_judged(how, after),
        )


def _week_judged(how: Broken, found: Mapping[Broken, str]) -> Judged:
    if how not in found:
        return Judged(effect="in_time")
    return Judged(effect="refused", rule_id=found[how], why=how)

"""What another regulation would have made of what families did: each act judged again at the instant it was made."""

from collections.abc import Hashable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from services.reservations.domain.audience import Audience
from services.reservations.domain.bookable import RosterChild, ask_about
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.deadlines import Asked
from services.reservations.domain.late import Surcharge
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.verdict import Action, Terms, Verdict, VerdictState
from services.reservations.domain.weekly import WeeklyRule

Effect: TypeAlias = Literal["in_time", "surcharge", "agent_approval", "charged", "refused", "free", "due"]
"""Of bookings and cancellations the first five; of weeks `in_time` and `refused`; of absences the last two."""
Kind: TypeAlias = Literal["book", "cancel", "week", "absence"]
MOST_KEPT = 50_000


@dataclass(frozen=True, kw_only=True)
class Judged:
    """`rule_id`: what decided; `why`: of what is refused by a deadline."""

    effect: Effect
    rule_id: str = ""
    surcharge: Surcharge | None = None
    why: VerdictState | Literal["", "minimum", "maximum"] = ""

    def differs(self, other: "Judged") -> bool:
        """Another rule that says the same changes nothing for a family."""
        return (self.effect, self.surcharge) != (other.effect, other.surcharge)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A family booked or cancelled a day, or tried to."""

    action: Action
    activity: Activity
    day: date
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`day`: of a week its Monday. `at`: when it was done; weeks and absences have none, and weeks no activity."""

    kind: Kind
    activity_id: str
    day: date
    at: datetime | None
    before: Judged
    after: Judged

    @property
    def rule(self) -> str:
        """The rule of the draft that makes the difference; of the regulation in force when the draft drops one."""
        return self.before.rule_id if self.after.effect in ("in_time", "free") else self.after.rule_id


def judged(verdict: Verdict) -> Judged:
    if not verdict.open:
        return Judged(effect="refused", rule_id=verdict.rule_id, why=verdict.state)
    if verdict.tier is None:
        return Judged(effect="in_time", rule_id=verdict.rule_id)
    return Judged(effect=verdict.tier.effect, rule_id=verdict.tier.id, surcharge=verdict.tier.surcharge)


@dataclass(frozen=True, eq=False)
class Seen:
    """An activity's day as rules see it for some children, all alike to them. Two are the same when they are one."""

    asked: Asked


class Sight:
    """What rules see of children's days. A year of a town has many that are alike: each is worked out once.

    Rules see a child by where it is enrolled, by whether it lives in the town, and by what `audiences` say of it.
    """

    def __init__(self, programme: Programme, calendar: TownCalendar, audiences: Sequence[Audience]) -> None:
        self._programme_id, self._calendar, self._audiences = programme.id, calendar, audiences
        self._kept: dict[Hashable, Seen] = {}

    def of(self, activity: Activity, day: date, child: RosterChild) -> Seen:
        enrolment = child.enrolment_on(self._programme_id, day)
        fits: tuple[bool, ...] = ()
        if self._audiences:
            who = child.who_on(self._programme_id, enrolment)
            fits = tuple(audience.fits(who, day) for audience in self._audiences)
        alike = (activity.id, day, enrolment.site_id if enrolment else None, child.resident, fits)
        known = self._kept.get(alike)
        if known is None:
            _make_room(self._kept)
            known = self._kept[alike] = Seen(ask_about(activity, day, child=child, calendar=self._calendar))
        return known


class Rules:
    """A regulation that is asked of many days."""

    def __init__(self, regulation: Regulation) -> None:
        self.regulation = regulation
        self._terms: dict[tuple[Action, Seen], Terms] = {}
        self._counts: dict[tuple[str, Seen], bool] = {}

    def judge(self, action: Action, seen: Seen, at: datetime) -> Judged:
        terms = self._terms.get((action, seen))
        if terms is None:
            _make_room(self._terms)
            terms = self._terms[action, seen] = self.regulation.terms(action, seen.asked)
        return judged(terms.verdict(at))

    def counted(self, rule: WeeklyRule, seen: Iterable[Seen]) -> frozenset[date]:
        """The days that count for a weekly rule of it."""
        return frozenset(one.asked.day for one in seen if self._speaks(rule, one))

    def _speaks(self, rule: WeeklyRule, seen: Seen) -> bool:
        known = self._counts.get((rule.id, seen))
        if known is None:
            _make_room(self._counts)
            known = self._counts[rule.id, seen] = rule.speaks_of(seen.asked)
        return known


def _make_room(kept: MutableMapping[Any, Any]) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()


def replay(act: Act, seen: Seen, old: Rules, new: Rules) -> Difference | None:
    """None when the family would not have noticed."""
    before, after = (rules.judge(act.action, seen, act.at) for rules in (old, new))
    if not after.differs(before):
        return None
    return Difference(kind=act.action, activity_id=act.activity.id, day=act.day, at=act.at, before=before, after=after)

"""Who pays: the family with its quotient, its children, where they are enrolled, and what of it prices ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.billing.domain.families import Family
from services.billing.domain.tariffs.situations import Facts, Situation


@dataclass(frozen=True, kw_only=True)
class Child:
    """A child of the household. `birth_date` is None where nobody told it."""

    id: str
    birth_date: date | None = None


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """A child goes there from one day to another, both included."""

    child_id: str
    programme_id: str
    category: str
    starts: date
    ends: date

    def holds(self, programme_id: str, day: date) -> bool:
        return self.programme_id == programme_id and self.starts <= day <= self.ends


@dataclass(frozen=True, kw_only=True)
class Offered:
    """An activity as prices need it. `minutes`: how long it is planned to last, None where the town does not say."""

    programme_id: str
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Payer:
    """`offered` by activity. A tariff that asks nothing of children needs the family only."""

    family: Family
    children: tuple[Child, ...] = ()
    enrolled: tuple[Enrolled, ...] = ()
    offered: Mapping[str, Offered] = field(default_factory=dict)

    def facts(self, situation: Situation) -> Facts:
        """The child as conditions see it; one the household is not known to have is its eldest, of no known age."""
        offered = self.offered.get(situation.activity_id)
        programme = offered.programme_id if offered else ""
        enrolments = [one for one in self.enrolled if one.holds(programme, situation.day)]
        there = {one.child_id for one in enrolments} | {situation.child_id}
        mine = [one.category for one in enrolments if one.child_id == situation.child_id]
        return Facts(
            resident=self.family.resident,
            age=self._age(situation),
            rank=self._rank(situation.child_id, {child.id for child in self.children}),
            rank_enrolled=self._rank(situation.child_id, there),
            category=mine[0] if mine else "",
        )

    def minutes(self, situation: Situation) -> int | None:
        """How long it lasted; for what nobody measured as long as it was planned."""
        if situation.minutes is not None or situation.charge == "late_pickup":
            return situation.minutes
        offered = self.offered.get(situation.activity_id)
        return offered.minutes if offered else None

    def turning_days(self, day: date) -> list[date]:
        """The days after which its children are seen otherwise: their next birthdays, and enrolments that turn."""
        births = [child.birth_date for child in self.children if child.birth_date]
        turns = [
            birthday for birth in births for birthday in (_birthday(birth, day.year), _birthday(birth, day.year + 1))
        ]
        return [*turns, *(turn for one in self.enrolled for turn in (one.starts, one.ends + timedelta(days=1)))]

    def _age(self, situation: Situation) -> int | None:
        birth = next((child.birth_date for child in self.children if child.id == situation.child_id), None)
        return None if birth is None else age_on(birth, situation.day)

    def _rank(self, child_id: str, among: set[str]) -> int:
        """By birth, the eldest first; twins by their ids, so that one of them has the lower rank for good."""
        siblings = sorted((child.birth_date or date.max, child.id) for child in self.children if child.id in among)
        ranks = {name: rank for rank, (_, name) in enumerate(siblings, start=1)}
        return ranks.get(child_id, 1)


def age_on(birth: date, day: date) -> int:
    """Completed years; who was born on 29 February has its birthday on 1 March in other years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _birthday(birth: date, year: int) -> date:
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)

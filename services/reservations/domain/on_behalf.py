"""What an agent decides for a family: the same rules, but for those the agent sets aside, each by its name."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.reservations.domain.bookable import REFUSED_BY_RULE, DayAnswer, Enrolment, RosterChild
from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Action, Regulation
from services.reservations.domain.town import Town

Waiver: TypeAlias = Literal["deadline", "enrolment", "audience", "weekly", "custody"]
"""Closed days, activities that exclude each other and full ones are not set aside: nobody could be there."""
BY_DEADLINE = tuple(REFUSED_BY_RULE.values())


@dataclass(frozen=True, kw_only=True)
class Behalf:
    """That an agent acts, and what they set aside; who and why is kept with the act (`AgentBooking`)."""

    waived: frozenset[Waiver] = frozenset()

    def town(self, town: Town) -> Town:
        known = {field.name: getattr(town, field.name) for field in fields(Town) if field.init}
        programmes = {one.id: self._programme(one) for one in town.programmes.values()}
        return _TownToAgents(**{**known, "programmes": programmes}, any_time="deadline" in self.waived)

    def child(self, child: RosterChild) -> RosterChild:
        return replace(child, custody=None) if "custody" in self.waived else child

    def _programme(self, programme: Programme) -> Programme:
        if "audience" in self.waived:
            activities = tuple(replace(one, audience=None) for one in programme.activities)
            programme = replace(programme, activities=activities)
        if "weekly" in self.waived:
            former = tuple(_any_week(one) for one in programme.former)
            programme = replace(programme, regulation=_any_week(programme.regulation), former=former)
        return programme


def _any_week(regulation: Regulation) -> Regulation:
    return regulation.model_copy(update={"weekly": ()})


@dataclass(frozen=True, kw_only=True)
class _TownToAgents(Town):
    """What would wait for an agent's approval is approved by an agent's doing it. `any_time`: deadlines and openings
    are set aside, and what being late costs with them.
    """

    any_time: bool

    def answer(self, activity_id: str, day: date, *, action: Action, child: RosterChild, now: datetime) -> DayAnswer:
        answer = super().answer(activity_id, day, action=action, child=child, now=now)
        if self.any_time and (answer.refusal is None or isinstance(answer.refusal, BY_DEADLINE)):
            return replace(answer, refusal=None, tier=None)
        approved = answer.tier is not None and answer.tier.effect == "agent_approval"
        return replace(answer, tier=None) if approved else answer


@dataclass(frozen=True, kw_only=True)
class AskedDay:
    activity_id: str
    date: date
    action: Action


@dataclass(frozen=True, kw_only=True)
class AgentBooking:
    """What an agent did for a family, and why; `id` and `key` are those of the validation that did it."""

    id: str
    key: str
    municipality_id: str
    household_id: str
    child_id: str
    account_id: str
    waived: frozenset[Waiver]
    reason: str
    programme_ids: tuple[str, ...]
    days: tuple[AskedDay, ...]
    at: datetime


def occasional(child: RosterChild, programme: Programme, days: Iterable[date]) -> list[Enrolment]:
    """Enrolments for days the child is enrolled nowhere in the programme: at its own site where the programme is
    there, else at the programme's first; so that lists and counts of heads have the child as well.
    """
    missing = sorted({day for day in days if child.enrolment_on(programme.id, day) is None})
    return [_occasion(child, programme, day) for day in missing]


def _occasion(child: RosterChild, programme: Programme, day: date) -> Enrolment:
    known = [one for one in child.enrolments if one.starts <= day <= one.ends and one.site_id in programme.site_ids]
    usual = max(known, key=lambda one: one.starts, default=None)
    return Enrolment(
        programme_id=programme.id,
        site_id=usual.site_id if usual else programme.site_ids[0],
        group=usual.group if usual else "",
        category=usual.category if usual else "",
        diet=usual.diet if usual else "",
        starts=day,
        ends=day,
    )

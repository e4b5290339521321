"""The versioned rules of a programme, as a town writes them down."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, PlainSerializer, model_validator

from services.reservations.domain.absences import ORDINARY_ABSENCES, AbsencePolicy
from services.reservations.domain.audience import ANYBODY, Who
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.deadlines import WHOLE, Asked, LocalDay, Rule
from services.reservations.domain.late_rules import LateRule
from services.reservations.domain.verdict import Action, Terms, Verdict
from services.reservations.domain.waiting_policy import NO_WAITING, WaitingPolicy
from services.reservations.domain.weekly import WeeklyRule
from services.reservations.domain.written import DURATION, Written
from shared.errors import N_
from shared.public_holidays import YEARS

__all__ = ["Action", "Regulation", "Verdict"]


def _named(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if not all(rule.id for rule in rules):
        raise ValueError(N_("Every rule needs an “id”: refusals name it."))
    return rules


def _as_written(policy: WaitingPolicy) -> bool | WaitingPolicy:
    """Towns that say only whether there is a waiting list read back just that."""
    plain = WaitingPolicy(enabled=policy.enabled)
    return policy.enabled if policy == plain else policy


Rules: TypeAlias = Annotated[tuple[Rule, ...], Field(min_length=1), AfterValidator(_named)]
Waiting: TypeAlias = Annotated[WaitingPolicy, PlainSerializer(_as_written)]

Hold: TypeAlias = Annotated[timedelta, Field(ge=timedelta(seconds=10), le=timedelta(days=2)), DURATION]


class Regulation(Written):
    """`payment_hold`: how long a prepaid place waits for its payment; PayFiP sessions live 15 minutes.

    `valid_from`: the first day the version holds for, None for all. `late`: what is still taken after the deadlines.
    `cancelling_by`: whether a cancellation in time counts at once or waits for an agent.
    """

    version: Annotated[int, Field(ge=1, le=9_999), WHOLE]
    valid_from: LocalDay | None = None
    booking: Rules
    cancelling: Rules
    late: tuple[LateRule, ...] = ()
    weekly: tuple[WeeklyRule, ...] = ()
    cancelling_by: Literal["family", "agent"] = "family"
    absences: AbsencePolicy = ORDINARY_ABSENCES
    waiting: Waiting = Field(NO_WAITING, alias="waiting_list")
    payment_hold: Hold = timedelta(minutes=20)

    @model_validator(mode="after")
    def _told_apart(self) -> "Regulation":
        for named in (self.booking, self.cancelling, self.late, self.weekly):
            if len({one.id for one in named}) < len(named):
                raise ValueError(N_("Two rules have the same “id”."))
        return self

    @property
    def waiting_list(self) -> bool:
        return self.waiting.enabled

    def content(self) -> dict[str, Any]:
        """What the version stands for."""
        return self.model_dump(mode="json", exclude={"version"})

    def holds_on(self, day: date) -> bool:
        return self.valid_from is None or self.valid_from <= day

    def terms(self, action: Action, asked: Asked) -> Terms:
        """What its rules say of one day, at any time."""
        rules = self.booking if action == "book" else self.cancelling
        if asked.day.year not in YEARS:
            return Terms(rule_version=self.version, first_rule_id=rules[0].id)
        speaking = [rule for rule in rules if rule.speaks_of(asked)]
        if not speaking:
            return self._none_for(asked, rules)
        return Terms(
            rule_version=self.version,
            first_rule_id=rules[0].id,
            rules=tuple(rule.spans(asked) for rule in speaking),
            late=tuple(term for rule in self.late if rule.action == action for term in rule.terms(asked)),
            by_agent=action == "cancel" and self.cancelling_by == "agent",
        )

    def _none_for(self, asked: Asked, rules: tuple[Rule, ...]) -> Terms:
        others = next((rule for rule in rules if rule.speaks_of_day(asked)), None)
        if others is None:
            return Terms(rule_version=self.version, first_rule_id=rules[0].id)
        return Terms(rule_version=self.version, first_rule_id=others.id, audience=others.audience)

    def verdict(
        self,
        action: Action,
        day: date,
        *,
        now: datetime,
        calendar: TownCalendar,
        who: Who = ANYBODY,
        activity: str = "",
        site_id: str | None = None,
    ) -> Verdict:
        """Whether an activity (its code) of that day can be changed now."""
        asked = Asked.about(day, calendar, who=who, activity=activity, site_id=site_id)
        return self.terms(action, asked).verdict(now)

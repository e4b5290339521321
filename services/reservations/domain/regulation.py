"""The versioned rules of a programme, and what they say of changing one day at one instant."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.deadlines import WHOLE, Asked, Rule, Span
from services.reservations.domain.public_holidays import YEARS

Action: TypeAlias = Literal["book", "cancel"]
VerdictState: TypeAlias = Literal["open", "not_yet", "passed", "no_window"]
Rules: TypeAlias = Annotated[tuple[Rule, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a day can be changed now; instants are in the town's zone, the limit is inclusive.

    `rule_id` names the rule that decided: the one still closed, else the one with the earliest limit.
    """

    state: VerdictState
    rule_id: str
    rule_version: int
    opens: datetime | None = None
    limit: datetime | None = None

    @property
    def open(self) -> bool:
        return self.state == "open"


class Regulation(BaseModel):
    """`payment_hold`: how long a prepaid place waits for its payment; PayFiP sessions live 15 minutes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1, le=9_999), WHOLE]
    booking: Rules
    cancelling: Rules
    payment_hold: Annotated[timedelta, Field(ge=timedelta(seconds=10), le=timedelta(days=2))] = timedelta(minutes=20)
    waiting_list: bool = False

    def content(self) -> dict[str, Any]:
        """What the version stands for."""
        return self.model_dump(mode="json", exclude={"version"})

    def verdict(
        self,
        action: Action,
        day: date,
        *,
        now: datetime,
        calendar: TownCalendar,
        resident: bool,
        site_id: str | None = None,
    ) -> Verdict:
        """Every rule for this kind of day must allow it: the earliest limit and the latest opening decide."""
        if day.year not in YEARS:
            return self._no_window(action)
        kind = calendar.kind_of(day, site_id).kind
        asked = Asked(day=day, now=now, calendar=calendar, resident=resident)
        found = [rule.span(asked) for rule in self._rules(action) if rule.applies_to(kind)]
        spans = [span for span in found if span is not None]
        if not spans or len(spans) < len(found):
            return self._no_window(action)
        return self._decided(spans, now)

    def _rules(self, action: Action) -> Rules:
        return self.booking if action == "book" else self.cancelling

    def _no_window(self, action: Action) -> Verdict:
        return Verdict(state="no_window", rule_id=self._rules(action)[0].id, rule_version=self.version)

    def _decided(self, spans: list[Span], now: datetime) -> Verdict:
        # Wall clocks of one zone compare without their offset, so that instants are compared as such.
        last = min(spans, key=lambda span: span.limit.timestamp())
        gates = [(span.opens, span.rule_id) for span in spans if span.opens]
        opens, gate = max(gates, key=lambda found: found[0].timestamp(), default=(None, ""))
        state: VerdictState = "open"
        if now.timestamp() > last.limit.timestamp():
            state = "passed"
        elif opens and now.timestamp() < opens.timestamp():
            state = "not_yet"
        return Verdict(
            state=state,
            rule_id=gate if state == "not_yet" else last.rule_id,
            rule_version=self.version,
            opens=opens,
            limit=last.limit,
        )

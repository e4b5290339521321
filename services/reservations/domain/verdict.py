"""What a regulation says of changing one day: its terms, which no clock changes, and the verdict at one instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from services.reservations.domain.audience import Audience
from services.reservations.domain.deadlines import Span
from services.reservations.domain.late import LateTier

Action: TypeAlias = Literal["book", "cancel"]
VerdictState: TypeAlias = Literal["open", "late", "not_yet", "passed", "no_window"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a day can be changed now; instants are in the town's zone, the limit is inclusive.

    `rule_id` names the rule that decided: the one still closed, else the one with the earliest limit. `tier` is what a
    change after its deadline costs, where the regulation still takes it, until `late_until`; or, in time, that an
    agent decides on it. `audience`: whom the rule is for, where no rule of that day is for the child.
    """

    state: VerdictState
    rule_id: str
    rule_version: int
    opens: datetime | None = None
    limit: datetime | None = None
    tier: LateTier | None = None
    late_until: datetime | None = None
    audience: Audience | None = None

    @property
    def open(self) -> bool:
        return self.state in ("open", "late")


@dataclass(frozen=True, kw_only=True)
class LateTerm:
    """A tier and when it takes the change."""

    tier: LateTier
    span: Span


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What the rules that speak of a day say: for each its spans, of which one is enough; none for a day without any.

    `by_agent`: a change in time waits for an agent, too. `audience`: whom the first rule is for, where none is for the
    child.
    """

    rule_version: int
    first_rule_id: str
    rules: tuple[tuple[Span, ...], ...] = ()
    late: tuple[LateTerm, ...] = ()
    by_agent: bool = False
    audience: Audience | None = None

    def verdict(self, now: datetime) -> Verdict:
        """Every rule must allow it: the earliest limit and the latest opening decide."""
        if not self.rules or not all(self.rules):
            return self._no_window()
        spans = [_next(alternatives, now) for alternatives in self.rules]
        last = spans[0] if len(spans) == 1 else min(spans, key=_limit)
        gate = max((span for span in spans if span.opens), key=_opening, default=None)
        opens = gate.opens if gate else None
        if opens and opens.timestamp() > last.limit.timestamp():
            return self._no_window()
        if last.is_over(now):
            return self._too_late(last, opens, now)
        if gate and not gate.has_come(now):
            return self._verdict("not_yet", gate.rule_id, last, opens)
        tier = LateTier(id=last.rule_id, effect="agent_approval") if self.by_agent else None
        return self._verdict("open", last.rule_id, last, opens, tier)

    def _too_late(self, last: Span, opens: datetime | None, now: datetime) -> Verdict:
        """Of the tiers that still take it the one that ends first: what is nearer to the deadline costs less."""
        taking = [term for term in self.late if term.span.has_come(now) and not term.span.is_over(now)]
        if not taking:
            return self._verdict("passed", last.rule_id, last, opens)
        term = min(taking, key=lambda term: _limit(term.span))
        return self._verdict("late", term.tier.id, last, opens, term.tier, term.span.limit)

    def _verdict(
        self,
        state: VerdictState,
        rule_id: str,
        last: Span,
        opens: datetime | None,
        tier: LateTier | None = None,
        late_until: datetime | None = None,
    ) -> Verdict:
        return Verdict(
            state=state,
            rule_id=rule_id,
            rule_version=self.rule_version,
            opens=opens,
            limit=last.limit,
            tier=tier,
            late_until=late_until,
        )

    def _no_window(self) -> Verdict:
        return Verdict(
            state="no_window", rule_id=self.first_rule_id, rule_version=self.rule_version, audience=self.audience
        )


def _next(alternatives: Sequence[Span], now: datetime) -> Span:
    """Of several times for a day: the one open now, else the next to open, else the last to have closed."""
    if len(alternatives) == 1:
        return alternatives[0]
    ahead = [span for span in alternatives if not span.is_over(now)]
    return min(ahead, key=_opening) if ahead else max(alternatives, key=_limit)


def _limit(span: Span) -> float:
    # Wall clocks of one zone compare without their offset: instants are compared as such.
    return span.limit.timestamp()


def _opening(span: Span) -> float:
    return (span.opens or span.limit).timestamp()

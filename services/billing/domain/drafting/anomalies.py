"""What a person should see before a draft becomes an invoice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.billing.domain.drafting.policy import RunPolicy
from services.billing.domain.invoices import InvoiceLine
from services.billing.domain.sheets import ChargeSheet, unpriced

AnomalyKind = Literal[
    "no_price",
    "unusual_amount",
    "unknown_household",
    "no_quotient",
    "unmarked",
    "unbooked",
    "zero",
    "negative",
]
BLOCKING: frozenset[AnomalyKind] = frozenset({"no_price"})
"""Nothing can be issued before they are gone: nobody can say what is owed."""
QUESTIONS: frozenset[AnomalyKind] = frozenset({"unusual_amount"})
"""A person has to accept them, with a reason; the others are only shown."""
# What is a few meals more than usual is nobody's question, however often a small amount it is.
LEAST_DIFFERENCE_CENTS = 50_00


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """`by`: the account of the agent; `at`: UTC."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """`count`: how many days or lines it concerns; `detail`: in identifiers and cents, never a name."""

    kind: AnomalyKind
    count: int = 1
    detail: str = ""
    accepted: Acceptance | None = None

    @property
    def open(self) -> bool:
        return self.kind in BLOCKING or (self.kind in QUESTIONS and self.accepted is None)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a draft is judged by. `usual_cents`: what the household's months cost, None before its first."""

    sheets: Sequence[ChargeSheet]
    lines: Sequence[InvoiceLine]
    total_cents: int
    usual_cents: int | None
    known: bool


def anomalies_of(seen: Seen, policy: RunPolicy) -> tuple[Anomaly, ...]:
    """In the order a person should look at them."""
    return tuple(one for one in _found(seen, policy) if one.count)


def _found(seen: Seen, policy: RunPolicy) -> Iterator[Anomaly]:
    missing = [line for sheet in seen.sheets for line in unpriced(sheet)]
    if missing:
        detail = f"no price for {missing[0].activity_id} on {missing[0].date}"
        yield Anomaly(kind="no_price", count=len(missing), detail=detail)
    if seen.usual_cents is not None and _is_unusual(seen.total_cents, seen.usual_cents, policy):
        yield Anomaly(kind="unusual_amount", detail=f"{seen.total_cents}/{seen.usual_cents}")
    if not seen.known and seen.lines:
        yield Anomaly(kind="unknown_household")
    yield Anomaly(kind="no_quotient", count=sum(not line.quotient_known for line in seen.lines))
    yield Anomaly(kind="unmarked", count=_days(seen.lines, "booked"))
    yield Anomaly(kind="unbooked", count=_days(seen.lines, "present_unbooked"))
    if seen.lines and seen.total_cents == 0:
        yield Anomaly(kind="zero")
    if seen.total_cents < 0:
        yield Anomaly(kind="negative", detail=str(seen.total_cents))


def _is_unusual(total: int, usual: int, policy: RunPolicy) -> bool:
    return total * 100 > usual * policy.unusual_percent and total - usual > LEAST_DIFFERENCE_CENTS


def _days(lines: Iterable[InvoiceLine], state: str) -> int:
    return sum(day.state == state for line in lines if not line.reverses for day in line.days)


def accepted_as_before(found: Iterable[Anomaly], before: Iterable[Anomaly]) -> tuple[Anomaly, ...]:
    """The anomalies of a draft made anew; what was accepted stays so where it says exactly the same."""
    known = {(one.kind, one.count, one.detail): one for one in before}
    return tuple(known.get((one.kind, one.count, one.detail), one) for one in found)

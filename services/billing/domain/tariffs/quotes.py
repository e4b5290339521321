"""What any set of days would cost: each with its reasons, summed as an invoice or an order would."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.billing.domain.money import half_up, line_total
from services.billing.domain.prices import Price, Pricing
from services.billing.domain.tariffs.situations import Situation


@dataclass(frozen=True, kw_only=True)
class QuotedLine:
    """`price` is None where the town has none; `prepaid`: paid with its order, and rounded by itself."""

    situation: Situation
    price: Price | None
    prepaid: bool = False

    @property
    def cents(self) -> int | None:
        """What it costs taken alone."""
        return half_up(self.price.cents) if self.price else None


@dataclass(frozen=True, kw_only=True)
class QuotedSum:
    """The lines of one child in one activity at one unit price, rounded once, as they stand on an invoice."""

    child_id: str
    activity_id: str
    unit_cents: Decimal
    quantity: int
    total_cents: int


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Of one household on the day it is asked. `quotient_known` False: some line costs the highest price for that."""

    day: date
    lines: tuple[QuotedLine, ...]
    sums: tuple[QuotedSum, ...]

    @property
    def total_cents(self) -> int:
        return sum(one.total_cents for one in self.sums)

    @property
    def complete(self) -> bool:
        return all(line.price for line in self.lines)

    @property
    def quotient_known(self) -> bool:
        return all(line.price.quotient_known for line in self.lines if line.price)


def quote(situations: Sequence[Situation], pricing: Pricing, prepaid: frozenset[str], day: date) -> Quote:
    """`prepaid`: the activities paid with their order."""
    lines = tuple(
        QuotedLine(situation=one, price=pricing(one), prepaid=one.activity_id in prepaid) for one in situations
    )
    return Quote(day=day, lines=lines, sums=tuple(_sums(lines)))


def _sums(lines: Sequence[QuotedLine]) -> list[QuotedSum]:
    times: Counter[tuple[str, str, Decimal]] = Counter()
    prepaid = {line.situation.activity_id for line in lines if line.prepaid}
    for line in lines:
        if line.price:
            times[line.situation.child_id, line.situation.activity_id, line.price.cents] += 1
    return [
        QuotedSum(
            child_id=child_id,
            activity_id=activity_id,
            unit_cents=unit,
            quantity=quantity,
            total_cents=quantity * half_up(unit) if activity_id in prepaid else line_total(quantity, unit),
        )
        for (child_id, activity_id, unit), quantity in times.items()
    ]

"""Reductions and other changes of a price for some: each with its reason, its price before and its price after."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.billing.domain.tariffs.audiences import Audience, concerns
from services.billing.domain.tariffs.conditions import ALL, Conditions
from services.billing.domain.tariffs.situations import Facts


@dataclass(frozen=True, kw_only=True)
class Modifier:
    """One of `cents` (replaces the price) and `percent` (multiplies it: 80 leaves four fifths).

    `quotients`: the lowest and the highest it is for, both included; a family without a quotient has none of them.
    """

    reason: str
    cents: Decimal | None = None
    percent: Decimal | None = None
    audience: Audience = "everyone"
    when: Conditions = ALL
    quotients: tuple[Decimal, Decimal] | None = None

    def applies(self, facts: Facts, quotient: Decimal | None) -> bool:
        return concerns(self.audience, facts.resident) and self.when.fit(facts) and self._holds(quotient)

    def _holds(self, quotient: Decimal | None) -> bool:
        if self.quotients is None:
            return True
        return quotient is not None and self.quotients[0] <= quotient <= self.quotients[1]

    def after(self, cents: Decimal) -> Decimal:
        """Exact: a percent has two decimals at most."""
        if self.cents is not None:
            return self.cents
        return cents * (self.percent or Decimal(0)) / 100


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one modifier made of a unit price."""

    reason: str
    before: Decimal
    after: Decimal
    percent: Decimal | None = None


def modified(
    cents: Decimal, modifiers: Iterable[Modifier], facts: Facts, quotient: Decimal | None
) -> tuple[Decimal, tuple[Step, ...]]:
    """The price after every modifier that applies, one after the other in the order of the grid.

    One by age makes nothing cheaper for a child whose age is not known.
    """
    steps = []
    for modifier in modifiers:
        if modifier.applies(facts, quotient):
            after = modifier.after(cents)
            if facts.age is None and modifier.when.ages and after < cents:
                continue
            steps.append(Step(reason=modifier.reason, before=cents, after=after, percent=modifier.percent))
            cents = after
    return cents, tuple(steps)

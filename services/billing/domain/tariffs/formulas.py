"""How a grid makes a price of a quotient: brackets, an effort rate between a floor and a ceiling, or one amount."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Literal

Precision = Literal["cent", "euro"]
STEP: dict[Precision, Decimal] = {"cent": Decimal("0.01"), "euro": Decimal(1)}
"""By how much a bracket begins after the one before it ended."""


@dataclass(frozen=True, kw_only=True)
class Bracket:
    """From one quotient to another, both included; `highest` is None for the last. `cents`: the unit price."""

    lowest: Decimal
    highest: Decimal | None
    cents: Decimal

    def holds(self, quotient: Decimal) -> bool:
        return self.lowest <= quotient and (self.highest is None or quotient <= self.highest)


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Taux d'effort: that share of the quotient in percent, never below the floor nor above the ceiling."""

    percent: Decimal
    floor_cents: Decimal
    ceiling_cents: Decimal

    def cents(self, quotient: Decimal) -> Decimal:
        """Exact: the quotient is in euros, and a percent of a euro is a cent."""
        return min(max(self.percent * quotient, self.floor_cents), self.ceiling_cents)


def read_with(precision: Precision, quotient: Decimal) -> Decimal:
    """The quotient as the grid reads it: to the cent, or its whole euros, what is beyond them counting for nothing."""
    return quotient.quantize(STEP[precision], rounding=ROUND_DOWN)

"""How often the amount of a grid is due: once, or for as long as it lasted."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Per = Literal["booking", "duration", "started_unit"]
# A third of an hour has no end in decimals: beyond this a unit price says nothing.
FINEST = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """`started_unit`: each `minutes` that began count whole. `duration`: every minute counts for its share of them.

    At least `minimum` units are due for anything that lasted at all.
    """

    per: Per = "booking"
    minutes: int = 0
    minimum: int = 0

    def count(self, minutes: int | None) -> Decimal:
        """How many units are due. What lasted nobody knows how long counts for the smallest number there can be."""
        if self.per == "booking":
            return Decimal(1)
        least = Decimal(max(1, self.minimum))
        if minutes is None:
            return least
        if minutes <= 0:
            return Decimal(0)
        return max(self._units(minutes), Decimal(self.minimum))

    def _units(self, minutes: int) -> Decimal:
        if self.per == "started_unit":
            return Decimal(-(-minutes // self.minutes))
        return Decimal(minutes) / self.minutes

    def cents(self, each: Decimal, minutes: int | None) -> Decimal:
        """What that many units cost."""
        return each * self.count(minutes) if self.per != "duration" else self._share(each, minutes)

    def _share(self, each: Decimal, minutes: int | None) -> Decimal:
        # Multiplied first: only what really has no end is cut.
        count = self.count(minutes)
        if minutes is None or minutes <= 0 or count == self.minimum:
            return each * count
        return (each * minutes / self.minutes).quantize(FINEST, rounding=ROUND_HALF_UP).normalize()


ONCE = Unit()

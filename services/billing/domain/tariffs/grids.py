"""The versioned grids of a town, and the one that prices a child's day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from services.billing.domain.tariffs.audiences import Audience, concerns
from services.billing.domain.tariffs.conditions import ALL, Conditions
from services.billing.domain.tariffs.formulas import Bracket, Effort, Precision, read_with
from services.billing.domain.tariffs.modifiers import Modifier
from services.billing.domain.tariffs.situations import BOOKING, Charge, Facts
from services.billing.domain.tariffs.units import ONCE, Unit

Formula = Literal["brackets", "effort", "fixed"]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One version of a grid: in force from `valid_from` until its next version or `valid_until`, included.

    Its formula is what it has of `brackets`, `effort` and `fixed` (cents): one of the three. `charge`: what of a day
    it prices.
    """

    id: str
    version: int
    valid_from: date
    valid_until: date | None = None
    activities: tuple[str, ...]
    audience: Audience
    brackets: tuple[Bracket, ...] = ()
    effort: Effort | None = None
    fixed: Decimal | None = None
    precision: Precision = "cent"
    charge: Charge = BOOKING
    unit: Unit = ONCE
    when: Conditions = ALL
    modifiers: tuple[Modifier, ...] = ()

    @property
    def formula(self) -> Formula:
        return "effort" if self.effort else "fixed" if self.fixed is not None else "brackets"

    @property
    def asks_child(self) -> bool:
        """Whether its price depends on more than the family and the day."""
        # How late a child was is told with the mark; how long a day was planned to last is not.
        planned = self.unit.per != "booking" and self.charge != "late_pickup"
        return self.when.some or planned or any(one.when.some for one in self.modifiers)

    @property
    def asks_quotient(self) -> bool:
        """Whether another quotient could be another price."""
        differs = self.effort is not None or len({bracket.cents for bracket in self.brackets}) > 1
        return differs or any(one.quotients for one in self.modifiers)

    def fits(self, facts: Facts) -> bool:
        return concerns(self.audience, facts.resident) and self.when.fit(facts)

    def base(self, quotient: Decimal | None) -> tuple[Decimal, Bracket | None]:
        """The cents of one unit before modifiers, and their bracket; without a quotient the dearest there are."""
        if self.fixed is not None:
            return self.fixed, None
        read = None if quotient is None else read_with(self.precision, quotient)
        if self.effort:
            return self.effort.ceiling_cents if read is None else self.effort.cents(read), None
        bracket = self._dearest() if read is None else self._fitting(read)
        return bracket.cents, bracket

    def _dearest(self) -> Bracket:
        return max(self.brackets, key=lambda bracket: bracket.cents)

    def _fitting(self, quotient: Decimal) -> Bracket:
        # Brackets leave no gap and the last has no end, so one always fits.
        return next(bracket for bracket in self.brackets if bracket.holds(quotient))


def in_force(grids: Iterable[Grid], day: date) -> Iterator[Grid]:
    """Of each grid the version that holds on that day, if any does."""
    started: dict[str, Grid] = {}
    for grid in grids:
        known = started.get(grid.id)
        if grid.valid_from <= day and (known is None or known.version < grid.version):
            started[grid.id] = grid
    return (grid for grid in started.values() if grid.valid_until is None or day <= grid.valid_until)


def pricing_grids(grids: Iterable[Grid], activity_id: str, charge: Charge, day: date) -> Sequence[Grid]:
    """The grids that price that charge of an activity that day, for whomever."""
    return [grid for grid in in_force(grids, day) if grid.charge == charge and activity_id in grid.activities]


def fitting(grids: Iterable[Grid], facts: Facts) -> Sequence[Grid]:
    """Those for the child: grids made for its residence come before those for everyone.

    A published tariff leaves one; several only while the child's age is not known.
    """
    fit = [grid for grid in grids if grid.fits(facts)]
    return [grid for grid in fit if grid.audience != "everyone"] or fit


def turning_days(grids: Iterable[Grid]) -> list[date]:
    """The days on which some price may change, sorted."""
    begins, ends = set(), set()
    for grid in grids:
        begins.add(grid.valid_from)
        if grid.valid_until:
            ends.add(grid.valid_until + timedelta(days=1))
    return sorted(begins | ends)

"""A town's tariff: who collects what, and the versioned grids that give a price to an activity."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

Audience = Literal["resident", "outside", "everyone"]


@dataclass(frozen=True, kw_only=True)
class Bracket:
    """From one quotient to another, both included; `highest` is None for the last. `cents`: the unit price."""

    lowest: Decimal
    highest: Decimal | None
    cents: Decimal

    def holds(self, quotient: Decimal) -> bool:
        return self.lowest <= quotient and (self.highest is None or quotient <= self.highest)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One version of a grid: in force from `valid_from` until its next version or `valid_until`, included."""

    id: str
    version: int
    valid_from: date
    valid_until: date | None = None
    activities: tuple[str, ...]
    audience: Audience
    brackets: tuple[Bracket, ...]


@dataclass(frozen=True, kw_only=True)
class CashOffice:
    """Who collects the money of some programmes (régie). `payfip_client`: None where nothing is paid online."""

    id: str
    name: str
    payfip_client: str | None
    structure_id: str
    programmes: tuple[str, ...]
    payment_days: int


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """Everything a town publishes about prices, whole. `spread`: every family's prices were looked at since."""

    id: str
    """The municipality's."""
    cash_offices: tuple[CashOffice, ...] = ()
    grids: tuple[Grid, ...] = ()
    spread: bool = True
    version: int = 0

    def office(self, cash_office_id: str) -> CashOffice | None:
        return next((office for office in self.cash_offices if office.id == cash_office_id), None)

    def office_of(self, programme_id: str) -> CashOffice | None:
        """The cash office that collects a programme."""
        return next((office for office in self.cash_offices if programme_id in office.programmes), None)

    def activities(self) -> tuple[str, ...]:
        """Every activity that has a price, sorted."""
        return tuple(sorted({activity for grid in self.grids for activity in grid.activities}))


def in_force(grids: Iterable[Grid], day: date) -> Iterator[Grid]:
    """Of each grid the version that holds on that day, if any does."""
    started: dict[str, Grid] = {}
    for grid in grids:
        known = started.get(grid.id)
        if grid.valid_from <= day and (known is None or known.version < grid.version):
            started[grid.id] = grid
    return (grid for grid in started.values() if grid.valid_until is None or day <= grid.valid_until)


def grid_for(grids: Iterable[Grid], activity_id: str, *, resident: bool, day: date) -> Grid | None:
    """The grid that prices an activity that day: one made for the family's residence before one for everyone."""
    mine: Audience = "resident" if resident else "outside"
    fitting = [grid for grid in in_force(grids, day) if activity_id in grid.activities]
    by_audience = {grid.audience: grid for grid in fitting}
    return by_audience.get(mine) or by_audience.get("everyone")


def turning_days(grids: Iterable[Grid]) -> list[date]:
    """The days on which some price may change, sorted."""
    begins = {grid.valid_from for grid in grids}
    ends = {grid.valid_until + timedelta(days=1) for grid in grids if grid.valid_until}
    return sorted(begins | ends)

"""When a tariff may be published: sound grids, versions in order and never backwards, one price for everyone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from services.billing.domain.families import Outcome
from services.billing.domain.tariffs.coverage import coverage_faults
from services.billing.domain.tariffs.faults import Fault, InvalidTariff, UnknownReference
from services.billing.domain.tariffs.grid_faults import faults_of_grid
from services.billing.domain.tariffs.grids import Grid
from services.billing.domain.tariffs.situations import AS_BOOKED, BOOKING, CHARGES
from services.billing.domain.tariffs.town_tariff import CashOffice, Tariff
from shared.errors import N_

__all__ = ["Fault", "InvalidTariff", "Published", "UnknownReference", "publish"]


@dataclass(frozen=True, kw_only=True)
class Published:
    """A tariff and what became of each thing in the file, in its order."""

    tariff: Tariff
    offices: tuple[Outcome, ...]
    grids: tuple[Outcome, ...]


def publish(
    tariff: Tariff,
    offices: Sequence[CashOffice],
    grids: Sequence[Grid],
    *,
    programmes: AbstractSet[str],
    activities: AbstractSet[str],
    today: date,
) -> Published:
    """The tariff with the file's content: offices replace their namesakes, grids add versions.

    `programmes` and `activities`: those the town has published. `today`: the date in the town; what an activity cost
    until then stays.
    Raises `UnknownReference`, or `InvalidTariff` with all its faults.
    """
    named = {name for office in offices for name in office.programmes} - programmes
    named |= {name for grid in grids for name in grid.activities} - activities
    if named:
        raise UnknownReference(sorted(named))
    merged = replace(tariff, cash_offices=_merged_offices(tariff, offices), grids=_merged_grids(tariff, grids))
    faults = [*_office_faults(merged, offices), *_grid_faults(tariff, grids, today)]
    faults = faults or [*_town_faults(merged, grids)]
    if faults:
        raise InvalidTariff(faults)
    return Published(
        tariff=merged,
        offices=tuple(_office_outcome(tariff, office) for office in offices),
        grids=tuple("unchanged" if grid in tariff.grids else "created" for grid in grids),
    )


def _merged_offices(tariff: Tariff, offices: Sequence[CashOffice]) -> tuple[CashOffice, ...]:
    by_id = {office.id: office for office in (*tariff.cash_offices, *offices)}
    return tuple(by_id[name] for name in sorted(by_id))


def _merged_grids(tariff: Tariff, grids: Sequence[Grid]) -> tuple[Grid, ...]:
    by_version = {(grid.id, grid.version): grid for grid in (*grids, *tariff.grids)}
    return tuple(by_version[key] for key in sorted(by_version))


def _office_outcome(tariff: Tariff, office: CashOffice) -> Outcome:
    known = tariff.office(office.id)
    return "created" if known is None else "unchanged" if known == office else "updated"


def _office_faults(merged: Tariff, offices: Sequence[CashOffice]) -> Iterator[Fault]:
    times = Counter(office.id for office in offices)
    collected = Counter(name for office in merged.cash_offices for name in office.programmes)
    for at, office in enumerate(offices):
        if times[office.id] > 1:
            yield Fault(place=f"cash_offices.{at}.id", message=N_("This cash office stands twice in the file."))
        for name in sorted(name for name in office.programmes if collected[name] > 1):
            message = N_("The programme %(programme)s is collected by two cash offices.")
            yield Fault(place=f"cash_offices.{at}.programmes", message=message, facts={"programme": name})


def _grid_faults(tariff: Tariff, grids: Sequence[Grid], today: date) -> Iterator[Fault]:
    times = Counter((grid.id, grid.version) for grid in grids)
    known = {(grid.id, grid.version): grid for grid in tariff.grids}
    for at, grid in enumerate(grids):
        if times[grid.id, grid.version] > 1:
            yield Fault(place=f"grids.{at}.version", message=N_("This version of the grid stands twice in the file."))
        if known.get((grid.id, grid.version), grid) != grid:
            message = N_("This version is already published with other content: raise its number.")
            yield Fault(place=f"grids.{at}.version", message=message)
        yield from faults_of_grid(grid, f"grids.{at}")
        if (grid.id, grid.version) not in known:
            yield from _backward_faults(tariff, grid, f"grids.{at}.valid_from", today)


def _backward_faults(tariff: Tariff, grid: Grid, place: str, today: date) -> Iterator[Fault]:
    """A first price may begin in the past: nothing was told of it yet. Any other begins tomorrow at the earliest."""
    if grid.valid_from > today:
        return
    priced = {name for known in tariff.grids if _already_prices(known, grid, today) for name in known.activities}
    if common := sorted(priced & set(grid.activities)):
        message = N_("%(activity)s already has a price: another takes effect on a day after %(today)s.")
        yield Fault(place=place, message=message, facts={"activity": common[0], "today": today})


def _already_prices(known: Grid, grid: Grid, today: date) -> bool:
    same = known.charge == grid.charge or (grid.charge in AS_BOOKED and known.charge == BOOKING)
    return same and known.valid_from <= today


def _town_faults(merged: Tariff, grids: Sequence[Grid]) -> Iterator[Fault]:
    """Faults that only show when the whole tariff is seen."""
    places = {grid.id: f"grids.{at}" for at, grid in enumerate(grids)}
    yield from _version_faults(merged.grids, places)
    for activity in sorted({name for grid in merged.grids for name in grid.activities}):
        for charge in CHARGES:
            yield from coverage_faults(merged.grids_of(activity, charge), activity, charge, places)


def _version_faults(grids: Sequence[Grid], place: Mapping[str, str]) -> Iterator[Fault]:
    for older, newer in pairwise(grids):
        if older.id == newer.id and newer.valid_from <= older.valid_from:
            message = N_("A new version takes effect after the one before it, which began on %(begin)s.")
            where = f"{place.get(newer.id, 'grids')}.valid_from"
            yield Fault(place=where, message=message, facts={"begin": older.valid_from})

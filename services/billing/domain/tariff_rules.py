"""When a tariff may be published: brackets without gap or overlap, versions in order, one price for everyone.

Every fault is told with the place it was found, so that a town corrects its file once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

from services.billing.domain.families import Outcome
from services.billing.domain.tariffs import CashOffice, Grid, Tariff, grid_for, in_force, turning_days
from shared.errors import N_, BadInput

CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`place`: where in the file, `grids.0.brackets.1.from`; `message` is a msgid."""

    place: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class InvalidTariff(BadInput):
    code = "invalid-tariff"
    title = N_("Tariff refused")
    sentence = N_("The tariff breaks the rules at %(count)s places; nothing was imported.")
    remedy = N_("Correct the places named in “errors” and send the whole file again.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        errors = [
            {"in": "body", "field": fault.place, "message": fault.message, "facts": fault.facts} for fault in faults
        ]
        super().__init__(errors, count=len(faults))


class UnknownReference(BadInput):
    """Programmes travel from another service by message: what is unknown now may be known in a second."""

    code = "unknown-reference"
    title = N_("Unknown programme or activity")
    sentence = N_("The tariff names programmes or activities that are not published: %(names)s.")
    remedy = N_("Publish the programmes first; if that was just done, send the tariff again in a second.")

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names=", ".join(names))
        self.retry_after = 1


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
) -> Published:
    """The tariff with the file's content: offices replace their namesakes, grids add versions.

    `programmes` and `activities`: those the town has published.
    Raises `UnknownReference`, or `InvalidTariff` with all its faults.
    """
    named = {name for office in offices for name in office.programmes} - programmes
    named |= {name for grid in grids for name in grid.activities} - activities
    if named:
        raise UnknownReference(sorted(named))
    merged = replace(tariff, cash_offices=_merged_offices(tariff, offices), grids=_merged_grids(tariff, grids))
    faults = [*_office_faults(merged, offices), *_grid_faults(tariff, grids)] or [*_town_faults(merged, grids)]
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


def _grid_faults(tariff: Tariff, grids: Sequence[Grid]) -> Iterator[Fault]:
    times = Counter((grid.id, grid.version) for grid in grids)
    known = {(grid.id, grid.version): grid for grid in tariff.grids}
    for at, grid in enumerate(grids):
        if times[grid.id, grid.version] > 1:
            yield Fault(place=f"grids.{at}.version", message=N_("This version of the grid stands twice in the file."))
        if known.get((grid.id, grid.version), grid) != grid:
            message = N_("This version is already published with other content: raise its number.")
            yield Fault(place=f"grids.{at}.version", message=message)
        if grid.valid_until is not None and grid.valid_until < grid.valid_from:
            yield Fault(place=f"grids.{at}.valid_until", message=N_("A grid cannot end before it begins."))
        yield from _bracket_faults(grid, f"grids.{at}.brackets")


def _bracket_faults(grid: Grid, place: str) -> Iterator[Fault]:
    brackets = grid.brackets
    if brackets[0].lowest != 0:
        yield Fault(place=f"{place}.0.from", message=N_("The first bracket begins at 0."))
    if brackets[-1].highest is not None:
        yield Fault(place=f"{place}.{len(brackets) - 1}.to", message=N_("The last bracket has no upper bound."))
    for at, bracket in enumerate(brackets):
        if bracket.highest is not None and bracket.highest < bracket.lowest:
            yield Fault(place=f"{place}.{at}.to", message=N_("A bracket cannot end before it begins."))
    for at, (lower, upper) in enumerate(pairwise(brackets), start=1):
        yield from _joint_faults(lower.highest, upper.lowest, f"{place}.{at}.from")


def _joint_faults(end: Decimal | None, begin: Decimal, place: str) -> Iterator[Fault]:
    if end is None:
        yield Fault(place=place, message=N_("Only the last bracket may have no upper bound."))
    elif begin > end + CENT:
        message = N_("Nothing covers the quotients between %(end)s and %(begin)s.")
        yield Fault(place=place, message=message, facts={"end": end, "begin": begin})
    elif begin <= end:
        message = N_("Two brackets cover the quotients from %(begin)s to %(end)s.")
        yield Fault(place=place, message=message, facts={"end": end, "begin": begin})


def _town_faults(merged: Tariff, grids: Sequence[Grid]) -> Iterator[Fault]:
    """Faults that only show when the whole tariff is seen."""
    place = {grid.id: f"grids.{at}" for at, grid in enumerate(grids)}
    yield from _version_faults(merged.grids, place)
    days = turning_days(merged.grids)
    yield from _rival_faults(merged.grids, days, place)
    for activity in merged.activities():
        yield from _uncovered_faults(merged.grids, activity, days)


def _version_faults(grids: Sequence[Grid], place: Mapping[str, str]) -> Iterator[Fault]:
    for older, newer in pairwise(grids):
        if older.id == newer.id and newer.valid_from <= older.valid_from:
            message = N_("A new version takes effect after the one before it, which began on %(begin)s.")
            where = f"{place.get(newer.id, 'grids')}.valid_from"
            yield Fault(place=where, message=message, facts={"begin": older.valid_from})


def _rival_faults(grids: Sequence[Grid], days: Iterable[date], place: Mapping[str, str]) -> Iterator[Fault]:
    told = set()
    for day in days:
        for one, other in combinations(sorted(in_force(grids, day), key=lambda grid: grid.id), 2):
            common = set(one.activities) & set(other.activities)
            if one.audience == other.audience and common and (one.id, other.id) not in told:
                told.add((one.id, other.id))
                message = N_("The grids %(one)s and %(other)s both price %(activity)s on %(day)s.")
                facts = {"one": one.id, "other": other.id, "activity": min(common), "day": day}
                where = place.get(other.id) or place.get(one.id) or "grids"
                yield Fault(place=f"{where}.activities", message=message, facts=facts)


def _uncovered_faults(grids: Sequence[Grid], activity: str, days: Iterable[date]) -> Iterator[Fault]:
    """While an activity has a price, it has one for residents and for the others."""
    messages = {
        True: N_("No grid prices %(activity)s for families who live in the town, from %(day)s on."),
        False: N_("No grid prices %(activity)s for families from outside, from %(day)s on."),
    }
    for day in days:
        missing = [resident for resident in messages if grid_for(grids, activity, resident=resident, day=day) is None]
        if len(missing) == 1:
            yield Fault(place="grids", message=messages[missing[0]], facts={"activity": activity, "day": day})
            return

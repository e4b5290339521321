"""Whether every child has one price and no child two: each kind of child a town tells apart is tried."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from math import prod

from services.billing.domain.tariffs.conditions import Span
from services.billing.domain.tariffs.faults import Fault
from services.billing.domain.tariffs.grids import Grid, fitting, in_force, turning_days
from services.billing.domain.tariffs.situations import Charge, Facts
from shared.errors import N_, Listed, Said

# Beyond that many kinds of children nobody could read the tariff either.
MOST_KINDS = 5_000

MISSING: Mapping[Charge, str] = {
    "booking": N_("No grid prices %(activity)s for this child from %(day)s on: %(example)s."),
    "absence": N_("No grid prices an absence from %(activity)s for this child from %(day)s on: %(example)s."),
    "unbooked": N_("No grid prices %(activity)s without a booking for this child from %(day)s on: %(example)s."),
    "late_pickup": N_("No grid prices the late pick-up of %(activity)s for this child from %(day)s on: %(example)s."),
}
RIVALS = N_("The grids %(one)s and %(other)s both price %(activity)s on %(day)s for this child: %(example)s.")
TOO_MANY = N_("The conditions on %(activity)s tell too many kinds of children apart.")


def coverage_faults(grids: Sequence[Grid], activity: str, charge: Charge, places: Mapping[str, str]) -> Iterator[Fault]:
    """`grids`: all that price that charge of the activity. `places`: where in the file those stand that are new.

    Only the first fault of each sort is told: the others mostly have the same cause.
    """
    told: set[object] = set()
    for day in turning_days(grids):
        current = sorted(in_force(grids, day), key=lambda grid: grid.id)
        if not current:
            continue
        if _kinds(current) > MOST_KINDS:
            yield Fault(place="grids", message=TOO_MANY, facts={"activity": activity})
            return
        for fault, sort in _of_day(current, activity, charge, day, places):
            if sort not in told:
                told.add(sort)
                yield fault


def _of_day(
    grids: Sequence[Grid], activity: str, charge: Charge, day: date, places: Mapping[str, str]
) -> Iterator[tuple[Fault, object]]:
    for facts in representatives(grids):
        fit = fitting(grids, facts)
        said = {"activity": activity, "day": day, "example": example(facts, grids)}
        if not fit:
            yield Fault(place="grids", message=MISSING[charge], facts=said), "missing"
        elif len(fit) > 1:
            one, other = fit[0].id, fit[1].id
            where = places.get(other) or places.get(one)
            place = f"{where}.activities" if where else "grids"
            yield Fault(place=place, message=RIVALS, facts={**said, "one": one, "other": other}), (one, other)


def _kinds(grids: Sequence[Grid]) -> int:
    return prod(len(values) for values in _dimensions(grids))


def representatives(grids: Sequence[Grid]) -> Iterator[Facts]:
    """One child of each kind the grids tell apart."""
    for resident, age, rank, rank_enrolled, category in product(*_dimensions(grids)):
        yield Facts(resident=resident, age=age, rank=rank, rank_enrolled=rank_enrolled, category=category)


def _dimensions(
    grids: Sequence[Grid],
) -> tuple[Sequence[bool], Sequence[int], Sequence[int], Sequence[int], Sequence[str]]:
    siblings = [grid.when.siblings for grid in grids if grid.when.siblings]
    categories = {name for grid in grids for name in (*grid.when.categories, *grid.when.other_than)}
    return (
        (True, False),
        _steps((grid.when.ages for grid in grids if grid.when.ages), least=0),
        _steps((one.ranks for one in siblings if one.among == "household"), least=1),
        _steps((one.ranks for one in siblings if one.among == "enrolled"), least=1),
        ("", *sorted(categories)),
    )


def _steps(spans: Iterable[Span], *, least: int) -> Sequence[int]:
    """The numbers at which some condition begins to hold or ceases to, the least first."""
    found = {least}
    for span in spans:
        found.add(span.first)
        if span.last is not None:
            found.add(span.last + 1)
    return sorted(number for number in found if number >= least)


def example(facts: Facts, grids: Sequence[Grid]) -> Listed:
    """The child as the refusal names it, by what the grids ask of children."""
    whens = [grid.when for grid in grids]
    siblings = {when.siblings.among for when in whens if when.siblings}
    parts = [Said(msgid=N_("lives in the town") if facts.resident else N_("lives outside the town"))]
    if any(when.ages for when in whens):
        parts.append(Said(msgid=N_("%(age)s years old"), facts={"age": facts.age}))
    if "household" in siblings:
        parts.append(Said(msgid=N_("number %(rank)s of the children of the household"), facts={"rank": facts.rank}))
    if "enrolled" in siblings:
        rank = {"rank": facts.rank_enrolled}
        parts.append(Said(msgid=N_("number %(rank)s of the household's children enrolled there"), facts=rank))
    if facts.category:
        parts.append(Said(msgid=N_("category %(category)s"), facts={"category": facts.category}))
    elif any(when.categories or when.other_than for when in whens):
        parts.append(Said(msgid=N_("in none of the categories named")))
    return Listed(parts=tuple(parts), by="comma")

"""What may be wrong with one grid taken by itself: its formula, its unit, its conditions, its reductions."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from services.billing.domain.tariffs.conditions import Conditions, Span
from services.billing.domain.tariffs.faults import Fault
from services.billing.domain.tariffs.formulas import STEP
from services.billing.domain.tariffs.grids import Grid
from services.billing.domain.tariffs.modifiers import Modifier
from shared.errors import N_


def faults_of_grid(grid: Grid, place: str) -> Iterator[Fault]:
    if grid.valid_until is not None and grid.valid_until < grid.valid_from:
        yield Fault(place=f"{place}.valid_until", message=N_("A grid cannot end before it begins."))
    yield from _formula_faults(grid, place)
    yield from _unit_faults(grid, place)
    yield from _condition_faults(grid.when, f"{place}.when")
    for at, modifier in enumerate(grid.modifiers):
        yield from _modifier_faults(modifier, f"{place}.modifiers.{at}")


def _formula_faults(grid: Grid, place: str) -> Iterator[Fault]:
    given = [bool(grid.brackets), grid.effort is not None, grid.fixed is not None]
    if given.count(True) != 1:
        yield Fault(place=place, message=N_("A grid has either brackets, an effort rate or a fixed price."))
    if grid.effort and grid.effort.ceiling_cents < grid.effort.floor_cents:
        yield Fault(place=f"{place}.effort.ceiling_cents", message=N_("The ceiling is below the floor."))
    if grid.brackets:
        yield from _bracket_faults(grid, f"{place}.brackets")


def _unit_faults(grid: Grid, place: str) -> Iterator[Fault]:
    if grid.unit.per == "booking" and (grid.unit.minutes or grid.unit.minimum):
        yield Fault(place=f"{place}.unit", message=N_("A price per booking has no minutes."))
    elif grid.unit.per != "booking" and not grid.unit.minutes:
        yield Fault(place=f"{place}.unit.minutes", message=N_("Say how many minutes a unit has."))


def _condition_faults(when: Conditions, place: str) -> Iterator[Fault]:
    spans = {"ages": when.ages, "siblings": when.siblings.ranks if when.siblings else None}
    for name, span in spans.items():
        if span and _ends_early(span):
            yield Fault(place=f"{place}.{name}", message=N_("It cannot end before it begins."))
    if when.categories and when.other_than:
        yield Fault(place=place, message=N_("Name the categories it is for, or those it is not for; not both."))


def _ends_early(span: Span) -> bool:
    return span.last is not None and span.last < span.first


def _modifier_faults(modifier: Modifier, place: str) -> Iterator[Fault]:
    if (modifier.cents is None) == (modifier.percent is None):
        yield Fault(place=place, message=N_("A modifier has either an amount or a percentage."))
    if modifier.quotients and modifier.quotients[1] < modifier.quotients[0]:
        yield Fault(place=f"{place}.quotients", message=N_("It cannot end before it begins."))
    yield from _condition_faults(modifier.when, f"{place}.when")


def _bracket_faults(grid: Grid, place: str) -> Iterator[Fault]:
    brackets = grid.brackets
    if brackets[0].lowest != 0:
        yield Fault(place=f"{place}.0.from", message=N_("The first bracket begins at 0."))
    if brackets[-1].highest is not None:
        yield Fault(place=f"{place}.{len(brackets) - 1}.to", message=N_("The last bracket has no upper bound."))
    for at, bracket in enumerate(brackets):
        if bracket.highest is not None and bracket.highest < bracket.lowest:
            yield Fault(place=f"{place}.{at}.to", message=N_("A bracket cannot end before it begins."))
        yield from _precision_faults(grid, at, f"{place}.{at}")
    for at, (lower, upper) in enumerate(pairwise(brackets), start=1):
        yield from _joint_faults(lower.highest, upper.lowest, STEP[grid.precision], f"{place}.{at}.from")


def _precision_faults(grid: Grid, at: int, place: str) -> Iterator[Fault]:
    bracket = grid.brackets[at]
    for name, bound in (("from", bracket.lowest), ("to", bracket.highest)):
        if grid.precision == "euro" and bound is not None and bound != bound.to_integral_value():
            yield Fault(place=f"{place}.{name}", message=N_("A grid in whole euros has no bound with cents."))


def _joint_faults(end: Decimal | None, begin: Decimal, step: Decimal, place: str) -> Iterator[Fault]:
    if end is None:
        yield Fault(place=place, message=N_("Only the last bracket may have no upper bound."))
    elif begin > end + step:
        message = N_("Nothing covers the quotients between %(end)s and %(begin)s.")
        yield Fault(place=place, message=message, facts={"end": end, "begin": begin})
    elif begin <= end:
        message = N_("Two brackets cover the quotients from %(begin)s to %(end)s.")
        yield Fault(place=place, message=message, facts={"end": end, "begin": begin})

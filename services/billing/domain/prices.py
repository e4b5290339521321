"""What a family pays for one unit of an activity on a day, and why."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from services.billing.domain.families import quotient_on
from services.billing.domain.money import half_up
from services.billing.domain.tariffs.grids import Formula, Grid, fitting, pricing_grids, turning_days
from services.billing.domain.tariffs.modifiers import Step, modified
from services.billing.domain.tariffs.payers import Payer
from services.billing.domain.tariffs.situations import AS_BOOKED, BOOKING, Charge, Facts, Situation
from services.billing.domain.tariffs.town_tariff import Tariff

NOTHING = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Price:
    """A unit price and its reasons. `quotient_known` False: the dearest there is, until a quotient is supplied.

    `surcharge_cents`: what of `cents` is for booking late. `base_cents`: what one unit of the grid costs before its
    modifiers, of which `units` were due (`minutes` lasted); `steps`: what each modifier made of it.
    """

    cents: Decimal
    grid_id: str
    grid_version: int
    bracket_from: Decimal | None = None
    bracket_to: Decimal | None = None
    quotient_known: bool
    surcharge_cents: Decimal = NOTHING
    formula: Formula = "brackets"
    charge: Charge = BOOKING
    quotient: Decimal | None = None
    base_cents: Decimal | None = None
    units: Decimal = ONE
    minutes: int | None = None
    steps: tuple[Step, ...] = ()


Pricing: TypeAlias = Callable[[Situation], Price | None]
"""The price of a situation, None when there is none."""


@dataclass(frozen=True, kw_only=True)
class Surcharge:
    """What a regulation adds for a booking after the deadline: a share of the price in percent, or cents."""

    percent: int | None = None
    cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class ListedPrice:
    """`child_id` is None where every child of the household pays the same."""

    activity_id: str
    cents: int
    child_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """The prices a household was last told for a town; the version orders them.

    `unknown_since`: the day on which it was first told prices without its quotient being known; `invited_for`: the
    school year in which it was invited to give it.
    """

    id: str
    household_id: str
    municipality_id: str
    prices: tuple[ListedPrice, ...] = ()
    quotient_known: bool = False
    unknown_since: date | None = None
    invited_for: str = ""
    version: int = 0


def price_for(tariff: Tariff, payer: Payer, situation: Situation) -> Price | None:
    """The price with the quotient known for that day; None when no grid covers it then.

    A child of an age nobody told pays the dearest of what it may be.
    """
    found = _grids(tariff, situation)
    if not found:
        return None
    facts = payer.facts(situation) if tariff.asks_children else Facts(resident=payer.family.resident)
    quotient = quotient_on(payer.family, situation.day)
    minutes = payer.minutes(situation)
    prices = (_price(grid, situation, facts, quotient, minutes) for grid in fitting(found, facts))
    return max(prices, key=lambda price: price.cents, default=None)


def _grids(tariff: Tariff, situation: Situation) -> list[Grid]:
    """Those for the charge, or for the booking where the town has none of the charge's own."""
    for charge in (situation.charge, BOOKING) if situation.charge in AS_BOOKED else (situation.charge,):
        grids = tariff.grids_of(situation.activity_id, charge)
        if found := list(pricing_grids(grids, situation.activity_id, charge, situation.day)):
            return found
    return []


def _price(grid: Grid, situation: Situation, facts: Facts, quotient: Decimal | None, minutes: int | None) -> Price:
    base, bracket = grid.base(quotient)
    cents, steps = modified(grid.unit.cents(base, minutes), grid.modifiers, facts, quotient)
    return Price(
        cents=cents,
        grid_id=grid.id,
        grid_version=grid.version,
        bracket_from=bracket.lowest if bracket else None,
        bracket_to=bracket.highest if bracket else None,
        quotient_known=quotient is not None or not grid.asks_quotient,
        formula=grid.formula,
        charge=situation.charge,
        quotient=quotient if grid.asks_quotient else None,
        base_cents=base,
        units=grid.unit.count(minutes),
        minutes=minutes if grid.unit.per != "booking" else None,
        steps=steps,
    )


def dearer(price: Price, surcharge: Surcharge | None) -> Price:
    """The price with its surcharge, exact: it is rounded with its line, never by itself."""
    if surcharge is None:
        return price
    added = price.cents * (surcharge.percent or 0) / 100 + (surcharge.cents or 0)
    return replace(price, cents=price.cents + added, surcharge_cents=added)


def price_list(tariff: Tariff, payer: Payer, household_id: str, day: date) -> PriceList:
    """What the household pays per unit from that day on, every activity of the town that has a price then."""
    prices = [listed for activity in tariff.activities() for listed in _listed(tariff, payer, activity, day)]
    return PriceList(
        id=f"{household_id}/{payer.family.municipality_id}",
        household_id=household_id,
        municipality_id=payer.family.municipality_id,
        prices=tuple(prices),
        quotient_known=not tariff.asks_quotient or quotient_on(payer.family, day) is not None,
    )


def _listed(tariff: Tariff, payer: Payer, activity_id: str, day: date) -> list[ListedPrice]:
    """One price for all where its children pay the same, otherwise one for each child after that of no one known."""
    children = [child.id for child in payer.children] if tariff.asks_children else []
    of_child = {name: _whole_cents(tariff, payer, activity_id, day, name) for name in ("", *children)}
    common = of_child.pop("")
    if len(set(of_child.values())) == 1:
        common = next(iter(of_child.values()))
    shown = [] if common is None else [ListedPrice(activity_id=activity_id, cents=common)]
    if set(of_child.values()) <= {common}:
        return shown
    named = [ListedPrice(activity_id=activity_id, cents=c, child_id=n) for n, c in of_child.items() if c is not None]
    return [*shown, *named]


def _whole_cents(tariff: Tariff, payer: Payer, activity_id: str, day: date, child_id: str) -> int | None:
    price = price_for(tariff, payer, Situation(child_id=child_id, activity_id=activity_id, day=day))
    return half_up(price.cents) if price else None


def next_change(tariff: Tariff, payer: Payer, day: date) -> date | None:
    """The first day after `day` on which the family's prices may be others, by what is known today."""
    turns = turning_days(tariff.grids) + [quotient.effective_on for quotient in payer.family.quotients]
    if tariff.asks_children:
        turns += payer.turning_days(day)
    return min((turn for turn in turns if turn > day), default=None)

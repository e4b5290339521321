"""What a family pays for one unit of an activity on a day, and why."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.billing.domain.families import Family, quotient_on
from services.billing.domain.money import half_up
from services.billing.domain.tariffs import Bracket, Grid, Tariff, grid_for, turning_days

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Price:
    """A unit price and its reasons. `quotient_known` False: the dearest bracket, until a quotient is supplied.

    `surcharge_cents`: what of `cents` is for booking late.
    """

    cents: Decimal
    grid_id: str
    grid_version: int
    bracket_from: Decimal
    bracket_to: Decimal | None
    quotient_known: bool
    surcharge_cents: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class Surcharge:
    """What a regulation adds for a booking after the deadline: a share of the price in percent, or cents."""

    percent: int | None = None
    cents: int | None = None


@dataclass(frozen=True, kw_only=True)
class ListedPrice:
    activity_id: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class PriceList:
    """The prices a household was last told for a town; the version orders them."""

    id: str
    household_id: str
    municipality_id: str
    prices: tuple[ListedPrice, ...] = ()
    quotient_known: bool = False
    version: int = 0


def price_of(tariff: Tariff, family: Family, activity_id: str, day: date) -> Price | None:
    """The price with the quotient known for that day; None when no grid covers the activity then."""
    grid = grid_for(tariff.grids, activity_id, resident=family.resident, day=day)
    if grid is None:
        return None
    quotient = quotient_on(family, day)
    bracket = _dearest(grid) if quotient is None else _fitting(grid, quotient)
    return Price(
        cents=bracket.cents,
        grid_id=grid.id,
        grid_version=grid.version,
        bracket_from=bracket.lowest,
        bracket_to=bracket.highest,
        quotient_known=quotient is not None,
    )


def dearer(price: Price, surcharge: Surcharge | None) -> Price:
    """The price with its surcharge, exact: it is rounded with its line, never by itself."""
    if surcharge is None:
        return price
    added = price.cents * (surcharge.percent or 0) / 100 + (surcharge.cents or 0)
    return replace(price, cents=price.cents + added, surcharge_cents=added)


def _dearest(grid: Grid) -> Bracket:
    return max(grid.brackets, key=lambda bracket: bracket.cents)


def _fitting(grid: Grid, quotient: Decimal) -> Bracket:
    # Brackets leave no gap and the last has no end, so one always fits.
    return next(bracket for bracket in grid.brackets if bracket.holds(quotient))


def price_list(tariff: Tariff, family: Family, household_id: str, day: date) -> PriceList:
    """What the household pays per unit from that day on, every activity of the town that has a price then."""
    prices = [(activity, price_of(tariff, family, activity, day)) for activity in tariff.activities()]
    return PriceList(
        id=f"{household_id}/{family.municipality_id}",
        household_id=household_id,
        municipality_id=family.municipality_id,
        prices=tuple(ListedPrice(activity_id=name, cents=half_up(price.cents)) for name, price in prices if price),
        quotient_known=quotient_on(family, day) is not None,
    )


def next_change(tariff: Tariff, family: Family, day: date) -> date | None:
    """The first day after `day` on which the family's prices may be others, by what is known today."""
    turns = turning_days(tariff.grids) + [quotient.effective_on for quotient in family.quotients]
    return min((turn for turn in turns if turn > day), default=None)

"""What days would cost, with the reasons of every price."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.prices import Price
from services.billing.domain.tariffs import Charge, Situation
from services.billing.domain.tariffs.explanation import explain
from services.billing.domain.tariffs.quotes import QuotedLine, QuotedSum
from services.billing.http.parts import BOOK, COPIES
from services.billing.usecases.tariffs.quote_prices import quote_prices
from shared import audit
from shared.auth import Caller, Role
from shared.errors import N_, BadInput
from shared.problems import CATALOGUES, language_of
from shared.web import CLOCK, Answer, Body, Int, Route, guardian_or_agent

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class AskedLine(Body):
    """`minutes`: how long it lasted, or of `late_pickup` how late; left out, as long as it is planned to last."""

    child_id: Name
    activity_id: Name
    date: date
    charge: Charge = "booking"
    minutes: Annotated[Int, Field(ge=0, le=1440)] | None = None


class AskedQuote(Body):
    """`household_id`: whose prices, asked by an agent; a guardian asks for their own household."""

    municipality_id: Name
    household_id: Name | None = None
    lines: Annotated[list[AskedLine], Field(min_length=1, max_length=200)]


class StepTold(Answer):
    """What a reduction made of the price, in cents."""

    reason: str
    before_cents: str
    after_cents: str
    percent: str | None


class PriceTold(Answer):
    """`unit_cents`: exact, part cents included; `base_cents`: of one unit of the grid before `steps`."""

    grid_id: str
    grid_version: int
    formula: str
    charge: Charge
    unit_cents: str
    base_cents: str | None
    units: str
    minutes: int | None
    quotient: str | None
    quotient_known: bool
    bracket_from: str | None
    bracket_to: str | None
    surcharge_cents: str
    steps: list[StepTold]
    explanation: str


class QuoteLine(Answer):
    """`cents` and `price` are null where the town has no price."""

    child_id: str
    activity_id: str
    date: date
    cents: int | None
    price: PriceTold | None


class QuoteSum(Answer):
    """Days at one unit price, rounded once, half a cent going up, as on an invoice."""

    child_id: str
    activity_id: str
    unit_cents: str
    quantity: int
    total_cents: int


class PriceQuote(Answer):
    """By what is known today. `complete` False: some line has no price, and the total is without it."""

    total_cents: int
    complete: bool
    quotient_known: bool
    lines: list[QuoteLine]
    sums: list[QuoteSum]


async def quote_days(request: web.Request, body: AskedQuote, caller: Caller) -> PriceQuote:
    """What these days would cost, each with its grid, bracket, reductions and rounding"""
    household_id = _household_asked(request, body, caller)
    found = await quote_prices(
        household_id,
        body.municipality_id,
        [_situation(line) for line in body.lines],
        book=request.app[BOOK],
        copies=request.app[COPIES],
        clock=request.app[CLOCK],
    )
    # A cart has few prices and many days: each is put into words once.
    prices = {line.price for line in found.lines if line.price}
    told = {price: price_told(request, price) for price in prices}
    return PriceQuote(
        total_cents=found.total_cents,
        complete=found.complete,
        quotient_known=found.quotient_known,
        lines=[_line(line, told) for line in found.lines],
        sums=[_sum(one) for one in found.sums],
    )


def _household_asked(request: web.Request, body: AskedQuote, caller: Caller) -> str:
    if caller.is_guardian and body.household_id in (None, caller.household_id):
        return caller.household()
    town = caller.agent_of(body.municipality_id, Role.MANAGER, Role.CASHIER)
    if body.household_id is None:
        raise BadInput([{"in": "body", "field": "household_id", "message": N_("Say whose prices."), "facts": {}}])
    audit.about(request, town, households=[body.household_id])
    return body.household_id


def _situation(line: AskedLine) -> Situation:
    return Situation(
        child_id=line.child_id,
        activity_id=line.activity_id,
        day=line.date,
        charge=line.charge,
        minutes=line.minutes,
    )


def _line(line: QuotedLine, told: Mapping[Price, PriceTold]) -> QuoteLine:
    asked = line.situation
    return QuoteLine(
        child_id=asked.child_id,
        activity_id=asked.activity_id,
        date=asked.day,
        cents=line.cents,
        price=told[line.price] if line.price else None,
    )


def _sum(one: QuotedSum) -> QuoteSum:
    return QuoteSum(
        child_id=one.child_id,
        activity_id=one.activity_id,
        unit_cents=str(one.unit_cents),
        quantity=one.quantity,
        total_cents=one.total_cents,
    )


def price_told(request: web.Request, price: Price) -> PriceTold:
    """A price with its reasons, in the caller's language; also for the trail of an invoice's line."""
    return PriceTold(
        grid_id=price.grid_id,
        grid_version=price.grid_version,
        formula=price.formula,
        charge=price.charge,
        unit_cents=str(price.cents),
        base_cents=_text(price.base_cents),
        units=str(price.units),
        minutes=price.minutes,
        quotient=_text(price.quotient),
        quotient_known=price.quotient_known,
        bracket_from=_text(price.bracket_from),
        bracket_to=_text(price.bracket_to),
        surcharge_cents=str(price.surcharge_cents),
        steps=[
            StepTold(
                reason=step.reason,
                before_cents=str(step.before),
                after_cents=str(step.after),
                percent=_text(step.percent),
            )
            for step in price.steps
        ],
        explanation=request.app[CATALOGUES].say(language_of(request), explain(price)),
    )


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/price-quotes",
        handler=quote_days,
        who=guardian_or_agent(Role.MANAGER, Role.CASHIER),
        body=AskedQuote,
        answer=PriceQuote,
        audit="prices_quoted",
    ),
]

"""The door to filling the cart with many days: a period, the usual weeks, a week once more."""

from datetime import date, timedelta
from typing import Annotated, Any

from aiohttp import web
from pydantic import ConfigDict, Field, model_validator
from pydantic.functional_validators import BeforeValidator
from pydantic.json_schema import WithJsonSchema

from services.reservations.http.parts import SHELF, USUAL_WEEKS, WINDOW
from services.reservations.http.shapes import Id
from services.reservations.http.shapes_of_periods import (
    NewPeriod,
    PreviewedPeriod,
    ShownPeriod,
    ShownWeeks,
    pattern_of,
    previewed_period,
    shown_period,
    shown_weeks,
)
from services.reservations.usecases.fill_period import PeriodAsked, WeekAsked, add_period, copy_week
from services.reservations.usecases.show_cart import show_cart
from services.reservations.usecases.usual_weeks import add_usual_weeks
from shared.auth import Caller
from shared.errors import N_
from shared.local_dates import LocalDate
from shared.web import GUARDIAN, Body, Int, Route

WEEK_NAME = r"^2[01][0-9]{2}-W(0[1-9]|[1-4][0-9]|5[0-3])$"


def _monday(value: Any) -> date:
    """`2026-W48` → its Monday; a year's week 53 only where it has one."""
    try:
        year, week = value.split("-W")
        if len(year) == 4 and len(week) == 2 and 2000 <= int(year) <= 2199:
            return date.fromisocalendar(int(year), int(week), 1)
    except (AttributeError, ValueError):
        pass
    raise ValueError(N_("An ISO week from 2000 to 2199 is expected, such as 2026-W48."))


IsoWeek = Annotated[date, BeforeValidator(_monday), WithJsonSchema({"type": "string", "pattern": WEEK_NAME})]


class Span(Body):
    """Both days included."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate


class WeekCopy(Body):
    """`week` once more, in each of the following `weeks` or up to a day: one of both. No programme: every one."""

    child_id: Id
    programme_ids: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    week: IsoWeek
    until: LocalDate | None = None
    weeks: Annotated[Int, Field(ge=1, le=57)] | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "WeekCopy":
        if (self.until is None) == (self.weeks is None):
            raise ValueError(N_("Say either how many weeks, or until which day."))
        return self

    def last_day(self) -> date:
        return self.until or self.week + timedelta(weeks=self.weeks or 0, days=6)


async def add_cart_period(request: web.Request, body: NewPeriod, caller: Caller) -> ShownPeriod:
    """Put every open day of a weekday pattern into the cart, and tell of every other why not."""
    done = await add_period(caller.household(), _asked(body), request.app[SHELF])
    return shown_period(done, await show_cart(caller.household(), request.app[WINDOW]), request)


async def preview_period(request: web.Request, body: NewPeriod, caller: Caller) -> PreviewedPeriod:
    """What such a period would add to the cart now, and what not and why. Changes nothing."""
    done = await add_period(caller.household(), _asked(body), request.app[SHELF], preview=True)
    return previewed_period(done, request)


def _asked(body: NewPeriod) -> PeriodAsked:
    return PeriodAsked(
        child_id=body.child_id,
        programme_id=body.programme_id,
        start=body.start,
        until=body.until,
        pattern=pattern_of(body.pattern),
    )


async def add_cart_usual_weeks(request: web.Request, body: Span, caller: Caller) -> ShownWeeks:
    """Put the usual weeks of all children into the cart, and tell of every day that is not possible why."""
    app, household_id = request.app, caller.household()
    done = await add_usual_weeks(household_id, body.start, body.until, app[SHELF], weeks=app[USUAL_WEEKS])
    return shown_weeks(done, await show_cart(household_id, app[WINDOW]), request)


async def add_cart_week_copy(request: web.Request, body: WeekCopy, caller: Caller) -> ShownWeeks:
    """Put what a child has in one week into the cart for the weeks after it."""
    asked = WeekAsked(
        child_id=body.child_id,
        programme_ids=tuple(dict.fromkeys(body.programme_ids)),
        monday=body.week,
        until=body.last_day(),
    )
    done = await copy_week(caller.household(), asked, request.app[SHELF])
    return shown_weeks(done, await show_cart(caller.household(), request.app[WINDOW]), request)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/cart/periods",
        handler=add_cart_period,
        who=GUARDIAN,
        body=NewPeriod,
        answer=ShownPeriod,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/cart/period-previews",
        handler=preview_period,
        who=GUARDIAN,
        body=NewPeriod,
        answer=PreviewedPeriod,
    ),
    Route(
        method="POST",
        path="/api/v1/cart/usual-weeks",
        handler=add_cart_usual_weeks,
        who=GUARDIAN,
        body=Span,
        answer=ShownWeeks,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/cart/week-copies",
        handler=add_cart_week_copy,
        who=GUARDIAN,
        body=WeekCopy,
        answer=ShownWeeks,
        status=201,
    ),
]

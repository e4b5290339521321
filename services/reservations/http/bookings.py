"""The door to booking one day at once, and to what is booked."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from services.reservations.http.parts import BOOKS, CATALOGUE, FORMER, ROSTER, SHEETS
from services.reservations.http.shapes import Id, PageSize, ShownLate, shown_late
from services.reservations.usecases.book_day import Booked, Wish, book_day
from services.reservations.usecases.list_bookings import BookedDay, list_bookings
from shared.auth import Caller
from shared.local_dates import LocalDate
from shared.web import CLOCK, GUARDIAN, Answer, Body, Key, Route


class OneDay(Body):
    child_id: Id
    activity_id: Id
    date: LocalDate


class OpenOrder(Answer):
    order_id: str
    expires_at: datetime


class ShownBooking(Answer):
    """`order`: what is to pay before the held day is booked; a `requested` day waits for an agent's approval."""

    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    date: date
    outcome: Literal["confirmed", "held", "requested"]
    order: OpenOrder | None
    late: ShownLate | None = None


class Between(Body):
    """Both days included."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate
    cursor: Annotated[str, StringConstraints(max_length=400)] = ""
    limit: PageSize = 100


class ShownDay(Answer):
    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    activity_name: str
    date: date
    state: str
    order_id: str | None


class Bookings(Answer):
    items: list[ShownDay]
    next_cursor: str | None


async def book(request: web.Request, body: OneDay, caller: Caller, key: Key) -> ShownBooking:
    """Book one day at once, without a cart."""
    wish = Wish(
        household_id=caller.household(),
        child_id=body.child_id,
        activity_id=body.activity_id,
        date=body.date,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    app = request.app
    return shown_booking(
        await book_day(wish, catalogue=app[CATALOGUE], roster=app[ROSTER], books=app[BOOKS], clock=app[CLOCK])
    )


def shown_booking(booked: Booked) -> ShownBooking:
    line, order = booked.line, booked.order
    return ShownBooking(
        child_id=line.child_id,
        municipality_id=line.municipality_id,
        programme_id=line.programme_id,
        activity_id=line.activity_id,
        date=line.date,
        outcome=_outcome(booked),
        order=OpenOrder(order_id=order.id, expires_at=order.expires_at) if order else None,
        late=shown_late(booked.late, booked.outcome, booked.surcharge),
    )


def _outcome(booked: Booked) -> Literal["confirmed", "held", "requested"]:
    if booked.outcome in ("held", "requested"):
        return booked.outcome
    return "confirmed"


async def bookings(request: web.Request, query: Between, caller: Caller) -> Bookings:
    """What the household booked, whatever became of it, by date."""
    days, cursor = await list_bookings(
        await request.app[FORMER].with_formers(caller.household()),
        query.start,
        query.until,
        after=query.cursor,
        limit=query.limit,
        sheets=request.app[SHEETS],
    )
    names = await _names({day.municipality_id for day in days}, request)
    return Bookings(items=[_day(day, names) for day in days], next_cursor=cursor)


async def _names(municipality_ids: Iterable[str], request: web.Request) -> dict[str, str]:
    """Of every activity of the towns."""
    towns = [await request.app[CATALOGUE].town(municipality_id) for municipality_id in municipality_ids]
    return {
        activity.id: activity.name
        for town in towns
        for programme in town.programmes.values()
        for activity in programme.activities
    }


def _day(day: BookedDay, names: Mapping[str, str]) -> ShownDay:
    return ShownDay(
        child_id=day.child_id,
        municipality_id=day.municipality_id,
        programme_id=day.programme_id,
        activity_id=day.activity_id,
        activity_name=names.get(day.activity_id, day.activity_id),
        date=day.date,
        state=day.state,
        order_id=day.order_id,
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/bookings",
        handler=book,
        who=GUARDIAN,
        body=OneDay,
        answer=ShownBooking,
        status=201,
        keyed=True,
    ),
    Route(method="GET", path="/api/v1/bookings", handler=bookings, who=GUARDIAN, query=Between, answer=Bookings),
]

"""The door for agents who decide on days families asked to book, or to cancel."""

from datetime import date, datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from services.reservations.domain.deciding import Pending, Ruling
from services.reservations.http.parts import CATALOGUE, DOCKET
from services.reservations.http.shapes import Id, PageSize, ShownRefusal, shown
from services.reservations.usecases.decide_requests import (
    AskedDay,
    DecidedDay,
    Decisions,
    PendingPage,
    decide_requests,
    list_requests,
)
from services.reservations.usecases.list_programmes import programme_of
from shared import audit
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.web import CLOCK, Answer, Body, Key, Route, agent

DECIDERS = (Role.MANAGER, Role.REGISTRAR)


class WhichRequests(Body):
    municipality_id: Id
    cursor: Annotated[str, StringConstraints(max_length=800)] = ""
    limit: PageSize = 100


class ShownRequest(Answer):
    """`asked`: `book` a day that is kept until the decision, or `cancel` one that stays booked until then. `rule`:
    the tier of the regulation it was asked under, empty for a cancellation in time; `asked_at`: when it was booked or
    asked for. Names are empty for a child the town no longer knows.
    """

    asked: Literal["book", "cancel"]
    household_id: str
    child_id: str
    first_name: str
    last_name: str
    programme_id: str
    activity_id: str
    date: date
    rule: str
    asked_at: datetime | None


class ShownRequests(Answer):
    items: list[ShownRequest]
    next_cursor: str | None


class DecidedLine(Body):
    household_id: Id
    child_id: Id
    activity_id: Id
    date: LocalDate


class NewDecisions(Body):
    """One decision for all the days. `refund`: cancelled days cost nothing; without it they are charged like late
    ones. `message` is sent to the families as it is.
    """

    municipality_id: Id
    days: Annotated[list[DecidedLine], Field(min_length=1, max_length=500)]
    accepted: bool
    refund: bool = False
    message: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""


class ShownDecision(Answer):
    """`outcome`: `confirmed` is booked, `held` waits for its payment until `pay_until`, `cancelled` is cancelled,
    `refused` is as it was before the family asked; null with a `problem`.
    """

    household_id: str
    child_id: str
    activity_id: str
    date: date
    outcome: Literal["confirmed", "held", "cancelled", "refused"] | None
    order_id: str | None
    pay_until: datetime | None
    problem: ShownRefusal | None


class ShownDecisions(Answer):
    days: list[ShownDecision]


async def requests_to_decide(request: web.Request, query: WhichRequests, caller: Caller) -> ShownRequests:
    """The days families asked to book or to cancel and nobody decided on yet, by date."""
    programmes = caller.programmes_in(query.municipality_id, *DECIDERS)
    page = await list_requests(
        query.municipality_id, programmes, request.app[DOCKET], after=query.cursor, limit=query.limit
    )
    audit.about(
        request,
        query.municipality_id,
        households={one.household_id for one in page.items},
        children=[one.child_id for one in page.items],
    )
    return ShownRequests(items=[_shown(one, page) for one in page.items], next_cursor=page.next_cursor)


def _shown(one: Pending, page: PendingPage) -> ShownRequest:
    child = page.children.get(one.child_id)
    return ShownRequest(
        asked=one.asked,
        household_id=one.household_id,
        child_id=one.child_id,
        first_name=child.first_name if child else "",
        last_name=child.last_name if child else "",
        programme_id=one.programme_id,
        activity_id=one.activity_id,
        date=one.date,
        rule=one.rule,
        asked_at=one.at,
    )


async def decide(request: web.Request, body: NewDecisions, caller: Caller, key: Key) -> ShownDecisions:
    """Accept or refuse what families asked, day by day; the families are told with the message."""
    for activity_id in sorted({day.activity_id for day in body.days}):
        if not activity_id.startswith(f"{body.municipality_id}."):
            caller.agent_of(body.municipality_id, *DECIDERS)
        programme_id = await programme_of(activity_id, catalogue=request.app[CATALOGUE])
        caller.agent_of(body.municipality_id, *DECIDERS, programme_id=programme_id)
    ruling = Ruling(accepted=body.accepted, refund=body.refund, message=body.message, at=request.app[CLOCK]())
    asked = Decisions(
        municipality_id=body.municipality_id,
        days=tuple(dict.fromkeys(AskedDay(**day.model_dump()) for day in body.days)),
        ruling=ruling,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    done = await decide_requests(asked, request.app[DOCKET])
    audit.about(
        request,
        body.municipality_id,
        households={one.day.household_id for one in done},
        children=[one.day.child_id for one in done],
    )
    return ShownDecisions(days=[_decision(one, request) for one in done])


def _decision(one: DecidedDay, request: web.Request) -> ShownDecision:
    return ShownDecision.model_validate(
        {
            "household_id": one.day.household_id,
            "child_id": one.day.child_id,
            "activity_id": one.day.activity_id,
            "date": one.day.date,
            "outcome": one.outcome,
            "order_id": one.to_pay.order_id if one.to_pay else None,
            "pay_until": one.to_pay.expires_at if one.to_pay else None,
            "problem": shown(one.refusal, request),
        }
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/booking-requests",
        handler=requests_to_decide,
        who=agent(*DECIDERS),
        query=WhichRequests,
        answer=ShownRequests,
        audit="booking_requests_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/booking-requests/decisions",
        handler=decide,
        who=agent(*DECIDERS),
        body=NewDecisions,
        answer=ShownDecisions,
        audit="booking_requests_decided",
        keyed=True,
        status=201,
    ),
]

"""The door to closing a programme's month."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from aiohttp import web

from services.reservations.domain.closing import Anomaly, Closing
from services.reservations.domain.refusals import DaysUnmarked
from services.reservations.http.parts import CLOSINGS, OFFICE
from services.reservations.http.shapes import Id, Month
from services.reservations.usecases.close_month import ClosingAsked, close_month
from shared import audit
from shared.auth import Caller, Role
from shared.web import Answer, Body, Key, Route, agent


class NewClosing(Body):
    """`accept_anomalies`: booked days that nobody marked count as booked."""

    municipality_id: Id
    programme_id: Id
    month: Month
    accept_anomalies: bool = False


class ShownAnomaly(Answer):
    child_id: str
    activity_id: str
    date: date


class ShownClosing(Answer):
    """`sheets`: how many children's months were told."""

    closing_id: str
    municipality_id: str
    programme_id: str
    month: str
    state: Literal["closing", "closed"]
    sheets: int
    closed_at: datetime | None


class ClosingDone(ShownClosing):
    anomalies: list[ShownAnomaly]


class Whose(Body):
    municipality_id: Id


class ShownClosings(Answer):
    items: list[ShownClosing]
    next_cursor: str | None


async def close(request: web.Request, body: NewClosing, caller: Caller, key: Key) -> ClosingDone:
    """Make a programme's month final, so that it can be billed."""
    asked = ClosingAsked(
        municipality_id=caller.agent_of(body.municipality_id, Role.MANAGER, programme_id=body.programme_id),
        programme_id=body.programme_id,
        month=body.month,
        accept_anomalies=body.accept_anomalies,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    try:
        done = await close_month(asked, request.app[OFFICE])
    except DaysUnmarked as unmarked:
        _say_whom(request, asked, (one["child_id"] for one in unmarked.facts["anomalies"]))
        raise
    _say_whom(request, asked, (one.child_id for one in done.anomalies))
    return ClosingDone(**_shown(done).model_dump(), anomalies=[_anomaly(one) for one in done.anomalies])


def _say_whom(request: web.Request, asked: ClosingAsked, child_ids: Iterable[str]) -> None:
    """The children whose days nobody marked; the others are all of the programme."""
    audit.about(request, asked.municipality_id, children=child_ids, others=[asked.programme_id])


async def closings(request: web.Request, query: Whose, caller: Caller) -> ShownClosings:
    """The months closed or being closed, latest first; of their programmes to those who manage only some."""
    programmes = caller.programmes_in(query.municipality_id, Role.MANAGER)
    found = await request.app[CLOSINGS].of_municipality(query.municipality_id, programmes)
    return ShownClosings(items=[_shown(closing) for closing in found], next_cursor=None)


def _shown(closing: Closing) -> ShownClosing:
    return ShownClosing(
        closing_id=closing.id,
        municipality_id=closing.municipality_id,
        programme_id=closing.programme_id,
        month=closing.month,
        state=closing.state,
        sheets=closing.sheets,
        closed_at=closing.closed_at,
    )


def _anomaly(anomaly: Anomaly) -> ShownAnomaly:
    return ShownAnomaly(child_id=anomaly.child_id, activity_id=anomaly.activity_id, date=anomaly.date)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/month-closings",
        handler=close,
        who=agent(Role.MANAGER),
        body=NewClosing,
        answer=ClosingDone,
        audit="month_closed",
        status=201,
        keyed=True,
    ),
    Route(
        method="GET",
        path="/api/v1/month-closings",
        handler=closings,
        who=agent(Role.MANAGER),
        query=Whose,
        answer=ShownClosings,
    ),
]

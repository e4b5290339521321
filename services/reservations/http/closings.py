"""The door to closing a programme's month."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.reservations.domain.closing import Anomaly, Closing, ClosingState, Finding, FindingKind
from services.reservations.domain.refusals import DaysUnmarked
from services.reservations.http.parts import CATALOGUE, CLOSINGS, OFFICE, ROSTER, SHEETS
from services.reservations.http.shapes import Id, Month, PageSize
from services.reservations.usecases.close_month import ClosingAsked, close_month
from services.reservations.usecases.preview_closing import Preview, preview_closing
from services.reservations.usecases.reopen_month import ReopeningAsked, reopen_month
from shared import audit
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.web import Answer, Body, Key, Route, agent


class AcceptedDay(Body):
    child_id: Id
    activity_id: Id
    date: LocalDate


class NewClosing(Body):
    """Booked days that nobody marked count as booked, when they are accepted: all of them by `accept_anomalies`, or
    each by `accepted`.
    """

    municipality_id: Id
    programme_id: Id
    month: Month
    accept_anomalies: bool = False
    accepted: Annotated[tuple[AcceptedDay, ...], Field(max_length=2_000)] = ()


class WhichMonth(Body):
    municipality_id: Id
    programme_id: Id
    month: Month
    cursor: Annotated[str, StringConstraints(max_length=600)] = ""
    limit: PageSize = 100


class ShownFinding(Answer):
    """What it is, and of whom; names are empty for a child the town no longer knows."""

    kind: FindingKind
    household_id: str
    child_id: str
    first_name: str
    last_name: str
    activity_id: str
    date: date


class FindingCounts(Answer):
    """`unmarked` must be marked or accepted, `requested` and `cancellation_asked` decided, `held` waited for;
    `present_unbooked` hinders nothing.
    """

    unmarked: int = 0
    present_unbooked: int = 0
    requested: int = 0
    cancellation_asked: int = 0
    held: int = 0


class ShownPreview(Answer):
    closed: bool
    counts: FindingCounts
    items: list[ShownFinding]
    next_cursor: str | None


class ShownAnomaly(Answer):
    child_id: str
    activity_id: str
    date: date


class ShownClosing(Answer):
    """`sheets`: how many children's months were told. `reopened`: taken back; the month is open, or closed anew."""

    closing_id: str
    municipality_id: str
    programme_id: str
    month: str
    state: ClosingState
    sheets: int
    closed_at: datetime | None
    reopened_at: datetime | None = None


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
        accepted=frozenset(Anomaly(**day.model_dump()) for day in body.accepted),
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


class NewReopening(Body):
    """`reason`: why a month that was final is corrected; kept with the closing."""

    municipality_id: Id
    programme_id: Id
    month: Month
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


async def reopen(request: web.Request, body: NewReopening, caller: Caller, key: Key) -> ShownClosing:
    """Open a closed month again, to correct it; closing it anew sends what changed to billing."""
    asked = ReopeningAsked(
        municipality_id=caller.agent_of(body.municipality_id, Role.MANAGER, programme_id=body.programme_id),
        programme_id=body.programme_id,
        month=body.month,
        reason=body.reason,
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    audit.about(request, asked.municipality_id, others=[asked.programme_id])
    return _shown(await reopen_month(asked, request.app[OFFICE]))


async def closing_preview(request: web.Request, query: WhichMonth, caller: Caller) -> ShownPreview:
    """What closing a month would meet, before it is asked for."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER, programme_id=query.programme_id)
    app = request.app
    found = await preview_closing(
        municipality_id,
        query.programme_id,
        query.month,
        after=query.cursor,
        limit=query.limit,
        catalogue=app[CATALOGUE],
        sheets=app[SHEETS],
        roster=app[ROSTER],
        closings=app[CLOSINGS],
    )
    households, children = {one.household_id for one in found.page}, [one.child_id for one in found.page]
    audit.about(request, municipality_id, households=households, children=children, others=[query.programme_id])
    return ShownPreview(
        closed=found.closed,
        counts=FindingCounts(**found.counts),
        items=[_finding(one, found) for one in found.page],
        next_cursor=found.next_cursor,
    )


def _finding(one: Finding, found: Preview) -> ShownFinding:
    child = found.children.get(one.child_id)
    return ShownFinding(
        kind=one.kind,
        household_id=one.household_id,
        child_id=one.child_id,
        first_name=child.first_name if child else "",
        last_name=child.last_name if child else "",
        activity_id=one.activity_id,
        date=one.date,
    )


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
        reopened_at=closing.reopening.at if closing.reopening else None,
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
        method="POST",
        path="/api/v1/month-reopenings",
        handler=reopen,
        who=agent(Role.MANAGER),
        body=NewReopening,
        answer=ShownClosing,
        audit="month_reopened",
        status=201,
        keyed=True,
    ),
    Route(
        method="GET",
        path="/api/v1/month-closings/preview",
        handler=closing_preview,
        who=agent(Role.MANAGER),
        query=WhichMonth,
        answer=ShownPreview,
        audit="month_closing_previewed",
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

"""The door to booking on behalf of a family, for agents; rules set aside are named, with a reason."""

from datetime import date, datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from services.reservations.domain.on_behalf import AgentBooking, AskedDay, Behalf, Waiver
from services.reservations.domain.refusals_on_behalf import ReasonMissing
from services.reservations.domain.validation import Mode
from services.reservations.http.carts import answered
from services.reservations.http.parts import AGENT_BOOKINGS, BUREAU, CATALOGUE
from services.reservations.http.shapes import Id, PageSize
from services.reservations.http.shapes_of_carts import ShownValidation
from services.reservations.usecases.book_on_behalf import Mandate, book_on_behalf, without_doubles
from services.reservations.usecases.list_programmes import programme_of
from shared import audit
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.web import Answer, Body, Key, Route, agent

DESK = (Role.MANAGER, Role.REGISTRAR)


class NewDay(Body):
    activity_id: Id
    date: LocalDate
    action: Literal["book", "cancel"]


class NewAgentBooking(Body):
    """`bypass`: rules set aside, by managers and with a `reason`. `enrolment` enrols the child for those days alone.
    `mode`: all days or none, or what is possible. `household_id`: for a child who lives in two.
    """

    municipality_id: Id
    child_id: Id
    household_id: str = ""
    mode: Mode = "all"
    lines: Annotated[tuple[NewDay, ...], Field(min_length=1, max_length=200)]
    bypass: frozenset[Waiver] = frozenset()
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class WhichActs(Body):
    municipality_id: Id
    child_id: str = ""
    cursor: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: PageSize = 100


class ShownDayAsked(Answer):
    activity_id: str
    date: date
    action: Literal["book", "cancel"]


class ShownAct(Answer):
    """`account_id`: of the agent. What became of each day stands in the child's month."""

    booking_id: str
    at: datetime
    account_id: str
    household_id: str
    child_id: str
    bypass: list[Waiver]
    reason: str
    lines: list[ShownDayAsked]


class ShownActs(Answer):
    items: list[ShownAct]
    next_cursor: str | None


async def book_for_family(request: web.Request, body: NewAgentBooking, caller: Caller, key: Key) -> ShownValidation:
    """Book and cancel days for a family, which is told as if it had done so itself."""
    roles = (Role.MANAGER,) if body.bypass else DESK
    for activity_id in {line.activity_id for line in body.lines}:
        await _may_act(request, caller, body.municipality_id, activity_id, roles)
    if body.bypass and len(body.reason) < 3:
        raise ReasonMissing()
    mandate = Mandate(
        municipality_id=body.municipality_id,
        child_id=body.child_id,
        household_id=body.household_id,
        days=without_doubles([AskedDay(**line.model_dump()) for line in body.lines]),
        behalf=Behalf(waived=body.bypass),
        account_id=caller.account_id,
        reason=body.reason,
        mode=body.mode,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    done = await book_on_behalf(mandate, request.app[BUREAU])
    programmes = sorted({line.programme_id for line in done.lines})
    people = {"households": [done.household_id], "children": [body.child_id]}
    audit.about(request, body.municipality_id, **people, others=[done.id, *programmes])
    return await answered(done, request)


async def _may_act(
    request: web.Request, caller: Caller, municipality_id: str, activity_id: str, roles: tuple[Role, ...]
) -> None:
    """In the town, or in the programme of the activity. Raises `Forbidden`, `NotFound`."""
    if not activity_id.startswith(f"{municipality_id}."):
        caller.agent_of(municipality_id, *roles)
    programme_id = await programme_of(activity_id, catalogue=request.app[CATALOGUE])
    caller.agent_of(municipality_id, *roles, programme_id=programme_id)


async def agent_bookings(request: web.Request, query: WhichActs, caller: Caller) -> ShownActs:
    """What agents booked and cancelled for families, which rules they set aside and why; latest first."""
    programmes = caller.programmes_in(query.municipality_id, *DESK)
    found = await request.app[AGENT_BOOKINGS].of_town(
        query.municipality_id,
        child_id=query.child_id,
        programmes=programmes,
        before=query.cursor,
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    people = {"households": {one.household_id for one in page}, "children": [one.child_id for one in page]}
    audit.about(request, query.municipality_id, **people)
    cursor = page[-1].id if len(found) > query.limit else None
    return ShownActs(items=[_act(one) for one in page], next_cursor=cursor)


def _act(one: AgentBooking) -> ShownAct:
    return ShownAct(
        booking_id=one.id,
        at=one.at,
        account_id=one.account_id,
        household_id=one.household_id,
        child_id=one.child_id,
        bypass=sorted(one.waived),
        reason=one.reason,
        lines=[ShownDayAsked(**vars(day)) for day in one.days],
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/agent-bookings",
        handler=book_for_family,
        who=agent(*DESK),
        body=NewAgentBooking,
        answer=ShownValidation,
        audit="booked_for_family",
        status=201,
        keyed=True,
    ),
    Route(
        method="GET",
        path="/api/v1/agent-bookings",
        handler=agent_bookings,
        who=agent(*DESK),
        query=WhichActs,
        answer=ShownActs,
        audit="agent_bookings_listed",
    ),
]

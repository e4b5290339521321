"""The door to a household's children and to their months."""

from datetime import date, datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.days import months_on
from services.reservations.domain.town import Town
from services.reservations.http.cells import Month, Writer, listed, with_member, written
from services.reservations.http.parts import CATALOGUE, DESK, ROSTER
from services.reservations.http.shapes import Id
from services.reservations.usecases.list_children import ListedChild, list_children
from services.reservations.usecases.show_month import ShownMonth, show_month, show_month_to_agent
from shared import audit
from shared.auth import Caller
from shared.contracts.reservations import BillingMode
from shared.problems import CATALOGUES, language_of
from shared.web import CLOCK, GUARDIAN, Answer, Body, Route, guardian_or_agent


class ShownEnrolment(Answer):
    """`group` is empty for a child without a class; both days are included."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    programme_id: str
    programme_name: str
    billing_mode: BillingMode
    site_id: str
    site_name: str
    group: str
    start: Annotated[date, Field(serialization_alias="from")]
    until: date


class ShownChild(Answer):
    """A child as one town knows it: a child known to two towns is listed twice."""

    child_id: str
    municipality_id: str
    first_name: str
    last_name: str
    birth_date: date | None
    resident: bool
    enrolments: list[ShownEnrolment]


class OfProgramme(Body):
    """`household_id`: for agents, whose bookings of a child that has two households (else the first's)."""

    programme_id: Id
    household_id: Id | None = None


async def children(request: web.Request, caller: Caller) -> list[ShownChild]:
    """The household's children with their present and coming enrolments."""
    app = request.app
    listed = await list_children(caller.household(), catalogue=app[CATALOGUE], roster=app[ROSTER], clock=app[CLOCK])
    return [_child(one) for one in listed]


def _child(listed: ListedChild) -> ShownChild:
    child = listed.child
    return ShownChild(
        child_id=child.child_id,
        municipality_id=child.municipality_id,
        first_name=child.first_name,
        last_name=child.last_name,
        birth_date=child.birth_date,
        resident=child.resident,
        enrolments=[_enrolment(one, listed.town) for one in listed.enrolments],
    )


def _enrolment(enrolment: Enrolment, town: Town) -> ShownEnrolment:
    programme, site = town.programmes[enrolment.programme_id], town.sites.get(enrolment.site_id)
    return ShownEnrolment(
        programme_id=programme.id,
        programme_name=programme.name,
        billing_mode=programme.billing_mode,
        site_id=enrolment.site_id,
        site_name=site.name if site else "",
        group=enrolment.group,
        start=enrolment.starts,
        until=enrolment.ends,
    )


async def month(request: web.Request, query: OfProgramme, caller: Caller) -> web.Response:
    """A child's month in a programme: what each day is, what can be done with it and until when."""
    child_id, wanted = request.match_info["child_id"], request.match_info["month"]
    desk = request.app[DESK]
    if caller.is_guardian:
        found = await show_month(caller.household(), child_id, query.programme_id, wanted, desk)
    else:
        towns = _towns(caller, query.programme_id)
        household_id = query.household_id or ""
        found = await show_month_to_agent(towns, child_id, query.programme_id, wanted, desk, household_id)
        child = found.child
        audit.about(request, child.municipality_id, households=[child.household_id], children=[child.child_id])
    return json_of(month_of(found, writer_of(request), request.app[CLOCK]()))


def _towns(caller: Caller, programme_id: str) -> frozenset[str]:
    """Where the agent may see this programme: an agent of another programme alone may not."""
    if programme_id in caller.programme_roles:
        return caller.agent_towns
    return frozenset(caller.roles)


def writer_of(request: web.Request) -> Writer:
    return Writer(request.app[CATALOGUES], language_of(request))


def json_of(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def month_of(found: ShownMonth, writer: Writer, now: datetime) -> bytes:
    """As `Month` says it."""
    month, days = found.ground.month, writer.days(found)
    head = {
        "child_id": found.child.child_id,
        **programme_of(found),
        "month": month,
        "previous": months_on(month, -1),
        "next": months_on(month, 1),
        "today": found.town.calendar.today(now),
        "final": found.final,
    }
    rows = [
        with_member(written(activity_of(activity.id, found)), "days", listed(days[activity.id]))
        for activity in found.programme.activities
    ]
    return with_member(written(head), "activities", listed(rows))


def programme_of(found: ShownMonth) -> dict[str, Any]:
    return {
        "municipality_id": found.town.municipality_id,
        "programme_id": found.programme.id,
        "programme_name": found.programme.name,
        "billing_mode": found.programme.billing_mode,
    }


def activity_of(activity_id: str, found: ShownMonth) -> dict[str, Any]:
    name = found.ground.activities[activity_id].name
    return {"activity_id": activity_id, "name": name, "price_cents": found.prices.get(activity_id)}


ROUTES = [
    Route(method="GET", path="/api/v1/children", handler=children, who=GUARDIAN, answer=list[ShownChild]),
    Route(
        method="GET",
        path="/api/v1/children/{child_id}/months/{month}",
        handler=month,
        who=guardian_or_agent(),
        query=OfProgramme,
        answer=Month,
        audit="month_shown",
    ),
]

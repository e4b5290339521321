"""The door to a household's children and to their months."""

from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.month_view import ActivityRow, DayView
from services.reservations.domain.sheet import Slot
from services.reservations.domain.town import Town
from services.reservations.http.parts import CATALOGUE, DESK, ROSTER
from services.reservations.http.shapes import Id, ShownRefusal, shown
from services.reservations.usecases.list_children import ListedChild, list_children
from services.reservations.usecases.show_month import ShownMonth, show_month, show_month_to_agent
from shared import audit
from shared.auth import Caller
from shared.contracts.reservations import BillingMode
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


class ShownCell(Answer):
    """One activity on one day. `line_id`: its line in the cart; `rank`: its place in the waiting list."""

    date: date
    state: str
    kind: str
    can_book: bool
    can_cancel: bool
    can_wait: bool
    places_left: int | None
    rank: int | None
    book_until: datetime | None
    cancel_until: datetime | None
    opens: datetime | None
    line_id: str | None
    refusal: ShownRefusal | None


class ShownRow(Answer):
    activity_id: str
    name: str
    price_cents: int | None
    days: list[ShownCell]


class Month(Answer):
    """`final`: the month is closed and nothing changes any more."""

    child_id: str
    municipality_id: str
    programme_id: str
    programme_name: str
    billing_mode: BillingMode
    month: str
    previous: str
    next: str
    today: date
    final: bool
    activities: list[ShownRow]


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


async def month(request: web.Request, query: OfProgramme, caller: Caller) -> Month:
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
    return _month(found, wanted, request)


def _towns(caller: Caller, programme_id: str) -> frozenset[str]:
    """Where the agent may see this programme: an agent of another programme alone may not."""
    if programme_id in caller.programme_roles:
        return caller.agent_towns
    return frozenset(caller.roles)


def _month(found: ShownMonth, wanted: str, request: web.Request) -> Month:
    return Month(
        child_id=found.child.child_id,
        municipality_id=found.town.municipality_id,
        programme_id=found.programme.id,
        programme_name=found.programme.name,
        billing_mode=found.programme.billing_mode,
        month=wanted,
        previous=_months_on(wanted, -1),
        next=_months_on(wanted, 1),
        today=found.town.calendar.today(request.app[CLOCK]()),
        final=found.final,
        activities=[_row(row, found, request) for row in found.view.rows],
    )


def _months_on(wanted: str, count: int) -> str:
    year, number = divmod(int(wanted[:4]) * 12 + int(wanted[5:]) - 1 + count, 12)
    return f"{year:04}-{number + 1:02}"


def _row(row: ActivityRow, found: ShownMonth, request: web.Request) -> ShownRow:
    return ShownRow(
        activity_id=row.activity_id,
        name=row.name,
        price_cents=row.price_cents,
        days=[_cell(day, (row.activity_id, day.date), found, request) for day in row.days],
    )


def _cell(day: DayView, slot: Slot, found: ShownMonth, request: web.Request) -> ShownCell:
    return ShownCell(
        date=day.date,
        state=day.state,
        kind=day.kind,
        can_book=day.can_book,
        can_cancel=day.can_cancel,
        can_wait=day.can_wait,
        places_left=day.places_left,
        rank=found.ranks.get(slot),
        book_until=day.book_until,
        cancel_until=day.cancel_until,
        opens=day.opens,
        line_id=found.lines.get(slot),
        refusal=shown(day.refusal, request),
    )


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

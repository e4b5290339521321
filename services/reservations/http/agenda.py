"""The door to several children's months in one call, and to weeks as a family's agenda shows them."""

from datetime import date, timedelta
from typing import Annotated, Any

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.days import months_on, week_name
from services.reservations.http.cells import Month, ShownCell, listed, with_member, written
from services.reservations.http.months import activity_of, json_of, month_of, programme_of, writer_of
from services.reservations.http.parts import DESK
from services.reservations.http.shapes import Several
from services.reservations.usecases.show_months import ShownWeeks, show_agenda, show_months
from shared.auth import Caller
from shared.contracts.reservations import BillingMode
from shared.local_dates import LocalDate
from shared.web import CLOCK, GUARDIAN, Answer, Body, Route

MOST_WEEKS = 10


class OfFamily(Body):
    """Both may be given again and again; left out, they stand for all."""

    child_id: Several = ()
    programme_id: Several = ()


class Months(Answer):
    month: str
    previous: str
    next: str
    months: list[Month]


class FewWeeks(Body):
    """From the Monday of `from` on. The two others may be given again and again; left out, they stand for all."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    start: Annotated[LocalDate, Field(alias="from")]
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 4
    child_id: Several = ()
    programme_id: Several = ()


class ShownWeek(Answer):
    """`week`: the ISO week's name; its days from Monday on, those of `weekdays` only."""

    week: str
    number: int
    days: list[ShownCell]


class ShownColumns(Answer):
    """`weekdays`: on which the activity runs in these weeks, ISO (Monday 1); each week has a cell for each of them."""

    activity_id: str
    name: str
    price_cents: int | None
    weekdays: list[int]
    weeks: list[ShownWeek]


class ShownAgenda(Answer):
    """One child in one programme."""

    child_id: str
    first_name: str
    last_name: str
    municipality_id: str
    programme_id: str
    programme_name: str
    billing_mode: BillingMode
    activities: list[ShownColumns]


class Agenda(Answer):
    """Both days included; `previous` and `next` are the days to ask for the weeks before and after."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    start: Annotated[date, Field(serialization_alias="from")]
    until: date
    previous: date
    next: date
    today: date | None
    items: list[ShownAgenda]


async def months(request: web.Request, query: OfFamily, caller: Caller) -> web.Response:
    """A month of several children and programmes: each as its own address shows it."""
    wanted, desk = request.match_info["month"], request.app[DESK]
    found = await show_months(caller.household(), query.child_id, query.programme_id, wanted, desk)
    writer, now = writer_of(request), request.app[CLOCK]()
    head = {"month": wanted, "previous": months_on(wanted, -1), "next": months_on(wanted, 1)}
    return json_of(with_member(written(head), "months", listed([month_of(one, writer, now) for one in found])))


async def agenda(request: web.Request, query: FewWeeks, caller: Caller) -> web.Response:
    """Some weeks, a row for each, with the weekdays each activity runs on as columns."""
    desk, now = request.app[DESK], request.app[CLOCK]()
    household_id = caller.household()
    found = await show_agenda(household_id, query.child_id, query.programme_id, query.start, query.weeks, desk)
    first = query.start - timedelta(days=query.start.isoweekday() - 1)
    length = timedelta(weeks=query.weeks)
    head: dict[str, Any] = {
        "from": first,
        "until": first + length - timedelta(days=1),
        "previous": first - length,
        "next": first + length,
        "today": found[0].months[0].town.calendar.today(now) if found else None,
    }
    return json_of(with_member(written(head), "items", listed([_columns(one, request) for one in found])))


def _columns(found: ShownWeeks, request: web.Request) -> bytes:
    writer, child = writer_of(request), found.months[0].child
    cells: dict[tuple[str, date], bytes] = {}
    for month in found.months:
        for activity_id, days in writer.days(month).items():
            cells.update({(activity_id, day): cell for day, cell in zip(month.ground.days, days, strict=True)})
    head = {
        "child_id": child.child_id,
        "first_name": child.first_name,
        "last_name": child.last_name,
        **programme_of(found.months[0]),
    }
    activities = [_activity(activity.id, found, cells) for activity in found.months[0].programme.activities]
    return with_member(written(head), "activities", listed(activities))


def _activity(activity_id: str, found: ShownWeeks, cells: dict[tuple[str, date], bytes]) -> bytes:
    weekdays = found.weekdays(activity_id)
    weeks = [
        with_member(
            written({"week": week_name(monday), "number": monday.isocalendar().week}),
            "days",
            listed([cells[activity_id, monday + timedelta(days=weekday - 1)] for weekday in weekdays]),
        )
        for monday in found.mondays
    ]
    head = {**activity_of(activity_id, found.months[0]), "weekdays": weekdays}
    return with_member(written(head), "weeks", listed(weeks))


ROUTES = [
    Route(method="GET", path="/api/v1/months/{month}", handler=months, who=GUARDIAN, query=OfFamily, answer=Months),
    Route(method="GET", path="/api/v1/agenda", handler=agenda, who=GUARDIAN, query=FewWeeks, answer=Agenda),
]

"""The door to tables for offices: attendance lists, bookings of a period, heads, waiting lists; CSV or XLSX."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, TypeAlias

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.headcounts import Headcount
from services.reservations.domain.programmes import Activity
from services.reservations.domain.refusals import BeyondTheHorizon, PeriodBackwards
from services.reservations.domain.town import Town
from services.reservations.http.attendance import STAFF
from services.reservations.http.attendance_days import WhichDay, asked_of
from services.reservations.http.headcounts import MOST_DAYS, WHO, WhichHeads, offered, programmes_of, visible
from services.reservations.http.parts import CATALOGUE, HEADS, PORCH, ROSTER, WAITING
from services.reservations.http.shapes import Id
from services.reservations.http.words import Words, words_for
from services.reservations.usecases.count_heads import count_heads
from services.reservations.usecases.export_bookings import BookedDay, Period, booked_days
from services.reservations.usecases.list_day import DayList, DayOfChild, list_day
from shared import audit
from shared.auth import Caller, Role
from shared.errors import N_, NotFound
from shared.exports import GIVES, Cell, Format, send_table
from shared.local_dates import LocalDate
from shared.web import Body, Route, agent

Row: TypeAlias = Sequence[Cell]
DESK = (Role.MANAGER, Role.REGISTRAR, Role.ATTENDANCE)


class DayTable(WhichDay):
    format: Format = "csv"


class HeadTable(WhichHeads):
    """Days `date` to `until`, both included; of one day without `until`."""

    until: LocalDate | None = None
    format: Format = "csv"


class BookingTable(Body):
    """Both days included."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    municipality_id: Id
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate
    programme_id: str = ""
    site_id: str = ""
    format: Format = "csv"


class WaitingTable(Body):
    """Days `date` to `until`, both included; of one day without `until`."""

    municipality_id: Id
    activity_id: Id
    date: LocalDate
    until: LocalDate | None = None
    format: Format = "csv"


async def export_attendance(request: web.Request, query: DayTable, caller: Caller) -> web.StreamResponse:
    """The attendance list of a site and day as a table, a child a line, to print or to fill in."""
    asked = asked_of(query, caller)
    found = await list_day(asked, request.app[PORCH])
    children = [one.child for one in found.children]
    households = {child.household_id for child in children}
    audit.about(
        request,
        asked.municipality_id,
        households=households,
        children=[child.child_id for child in children],
        others=[asked.site_id],
    )
    words = words_for(request)
    header = [words(N_("Class")), words(N_("Last name")), words(N_("First name"))]
    header += [activity.name for activity in found.activities]
    rows = _once([_attendance_row(one, found, words) for one in found.children])
    return await send_table(request, f"pointage-{asked.date}", query.format, header, rows)


def _attendance_row(one: DayOfChild, found: DayList, words: Words) -> Row:
    states = [_state(one, activity, words) for activity in found.activities]
    return [" ".join(sorted(set(one.groups.values()))), one.child.last_name, one.child.first_name, *states]


def _state(one: DayOfChild, activity: Activity, words: Words) -> str:
    entry = one.entries.get(activity.id)
    if entry and entry.state == "booked" and entry.reported_at:
        return words(N_("Absence announced"))
    return words.state(entry.state) if entry else ""


async def export_headcounts(request: web.Request, query: HeadTable, caller: Caller) -> web.StreamResponse:
    """Heads of one day or several as a table."""
    programmes = programmes_of(caller, query.municipality_id)
    days = _days(query.date, query.until)
    town = await request.app[CATALOGUE].town(query.municipality_id)
    if query.site_id and query.site_id not in town.sites:
        raise NotFound()
    activities = offered(town, programmes, query.programme_id)
    words = words_for(request)
    names = (
        N_("Date"), N_("Activity"), N_("Site"), N_("Class"), N_("Diet"),
        N_("Expected"), N_("Present"), N_("Absent"), N_("Not booked"), N_("Announced away"),
        N_("Awaiting payment"), N_("To prepare"),
    )  # fmt: skip

    async def rows() -> AsyncIterator[list[Row]]:
        for day in days:
            heads = request.app[HEADS]
            found = await count_heads(town.municipality_id, day, activities, heads, site_id=query.site_id)
            yield [_heads_row(one, day, town, words) for one in visible(found, caller)]

    return await send_table(request, f"effectifs-{days[0]}", query.format, [words(name) for name in names], rows())


def _heads_row(one: Headcount, day: date, town: Town, words: Words) -> Row:
    table, counts = one.table, one.counts
    where = [words.day(day), town.activity(table.activity_id).name, _site(table.site_id, town), table.group]
    heads = [counts.expected, counts.present, counts.absent, counts.unbooked, one.reported, one.held, one.to_prepare]
    return [*where, town.diets.get(table.diet, table.diet), *heads]


async def export_bookings(request: web.Request, query: BookingTable, caller: Caller) -> web.StreamResponse:
    """Every booked or cancelled day of a period as a table."""
    programmes = caller.programmes_in(query.municipality_id, *DESK)
    town = await request.app[CATALOGUE].town(query.municipality_id)
    if query.site_id and query.site_id not in town.sites:
        raise NotFound()
    wanted = sorted({activity.programme_id for activity in offered(town, programmes, query.programme_id)})
    period = Period(
        municipality_id=query.municipality_id,
        programme_ids=tuple(wanted),
        start=query.start,
        until=query.until,
        site_id=query.site_id,
    )
    period.refuse_unreadable()
    audit.about(request, query.municipality_id, others=wanted)
    words = words_for(request)
    names = (
        N_("Date"), N_("Programme"), N_("Activity"), N_("Site"), N_("Class"), N_("Reference"), N_("Last name"),
        N_("First name"), N_("State"), N_("Booked by"), N_("Booked on"), N_("Left at"),
    )  # fmt: skip

    async def rows() -> AsyncIterator[list[Row]]:
        async for some in booked_days(period, heads=request.app[HEADS], roster=request.app[ROSTER]):
            yield [_booking_row(one, town, words) for one in some]

    name = f"reservations-{query.start}-{query.until}"
    return await send_table(request, name, query.format, [words(name) for name in names], rows())


def _booking_row(one: BookedDay, town: Town, words: Words) -> Row:
    activity, child, entry = town.activity(one.activity_id), one.child, one.entry
    place = [_site(one.enrolment.site_id, town), one.enrolment.group] if one.enrolment else ["", ""]
    who = [child.reference, child.last_name, child.first_name] if child else ["", "", ""]
    return [
        words.day(one.date),
        town.programme(activity.programme_id).name,
        activity.name,
        *place,
        *who,
        words.state(entry.state),
        words(N_("an agent")) if entry.by == "agent" else words(N_("the family")),
        words.instant(_local(entry.at, town)),
        words.instant(_local(entry.left_at, town)),
    ]


async def export_waiting_lists(request: web.Request, query: WaitingTable, caller: Caller) -> web.StreamResponse:
    """The waiting list of an activity, day by day, in turn, as a table."""
    days = _days(query.date, query.until)
    town = await request.app[CATALOGUE].town(query.municipality_id)
    activity = town.activity(query.activity_id)
    caller.agent_of(query.municipality_id, *DESK, programme_id=activity.programme_id)
    slots = [(activity.id, day) for day in days]
    entries = [one for slot in slots for one in await request.app[WAITING].of_slot(query.municipality_id, slot)]
    children = await request.app[ROSTER].children_in(query.municipality_id, {one.child_id for one in entries})
    households = {one.household_id for one in entries}
    known = [one.child_id for one in entries]
    audit.about(request, query.municipality_id, households=households, children=known, others=[activity.id])
    words = words_for(request)
    names = (
        N_("Date"), N_("Activity"), N_("Rank"), N_("Last name"), N_("First name"), N_("Asked on"), N_("State"),
    )  # fmt: skip
    rows = [
        [
            words.day(one.date),
            activity.name,
            one.rank if one.state in ("waiting", "offered") else "",
            *_name(one.child_id, children),
            words.instant(_local(one.at, town)),
            words.waiting(one.state),
        ]
        for one in entries
    ]
    return await send_table(request, f"attente-{days[0]}", query.format, [words(name) for name in names], _once(rows))


def _name(child_id: str, children: Mapping[str, RosterChild]) -> list[str]:
    child = children.get(child_id)
    return [child.last_name, child.first_name] if child else ["", ""]


def _days(first: date, until: date | None) -> list[date]:
    last = until or first
    if last < first:
        raise PeriodBackwards(start=first, until=last)
    if last - first >= timedelta(days=MOST_DAYS):
        raise BeyondTheHorizon(days=MOST_DAYS)
    return [first + timedelta(days=after) for after in range((last - first).days + 1)]


def _site(site_id: str, town: Town) -> str:
    return town.sites[site_id].name if site_id in town.sites else site_id


def _local(at: datetime | None, town: Town) -> datetime | None:
    return town.calendar.local(at) if at else None


async def _once(rows: Iterable[Row]) -> AsyncIterator[list[Row]]:
    yield list(rows)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/attendance-exports",
        handler=export_attendance,
        who=agent(*STAFF),
        query=DayTable,
        gives=GIVES,
        audit="attendance_exported",
    ),
    Route(
        method="GET", path="/api/v1/headcount-exports", handler=export_headcounts, who=WHO, query=HeadTable, gives=GIVES
    ),
    Route(
        method="GET",
        path="/api/v1/booking-exports",
        handler=export_bookings,
        who=agent(*DESK),
        query=BookingTable,
        gives=GIVES,
        audit="bookings_exported",
    ),
    Route(
        method="GET",
        path="/api/v1/waiting-list-exports",
        handler=export_waiting_lists,
        who=agent(*DESK),
        query=WaitingTable,
        gives=GIVES,
        audit="waiting_lists_exported",
    ),
]

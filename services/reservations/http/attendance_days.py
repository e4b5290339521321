"""The door to a whole day at a site: all activities and children in one list, cheap to ask for again and again."""

import hashlib
from datetime import date, datetime

from aiohttp import web

from services.reservations.domain.programmes import Activity
from services.reservations.http.attendance import STAFF, Heads
from services.reservations.http.parts import PORCH
from services.reservations.http.shapes import Id, Several
from services.reservations.usecases.list_day import DayAsked, DayList, DayOfChild, list_day
from shared import audit
from shared.auth import Caller
from shared.local_dates import LocalDate
from shared.web import Answer, Body, Route, agent


class WhichDay(Body):
    """`activity_id` may be given several times; without it, all that run at the site or have somebody that day."""

    municipality_id: Id
    site_id: Id
    date: LocalDate
    activity_id: Several = ()
    group: str = ""


class DayActivity(Answer):
    """`final`: the month is closed; `markable`: marks can be put in now; `starts` and `ends` on the town's clock."""

    activity_id: str
    name: str
    starts: str | None
    ends: str | None
    final: bool
    markable: bool
    counts: Heads


class DayCell(Answer):
    """What is empty is left out. `state`: of what was booked or marked; `marked_at`: when what is marked was seen;
    `reported_at`: when the family said that the child will be away, which a mark overrules.
    """

    activity_id: str
    group: str
    state: str | None = None
    marked_at: datetime | None = None
    device_id: str = ""
    left_at: datetime | None = None
    reported_at: datetime | None = None


class DayChild(Answer):
    child_id: str
    first_name: str
    last_name: str
    days: list[DayCell]


class ShownDayList(Answer):
    """`groups`: those of the children listed."""

    municipality_id: str
    site_id: str
    date: date
    groups: list[str]
    activities: list[DayActivity]
    children: list[DayChild]


async def attendance_day(request: web.Request, query: WhichDay, caller: Caller) -> web.Response:
    """Every child and activity of a site on a day; with If-None-Match, 304 as long as nothing changed."""
    asked = asked_of(query, caller)
    found = await list_day(asked, request.app[PORCH])
    text = _shown(asked, found).model_dump_json(exclude_defaults=True)
    headers = {"ETag": f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        audit.nothing_new(request)
        return web.Response(status=304, headers=headers)
    audit.about(
        request,
        asked.municipality_id,
        households={one.child.household_id for one in found.children},
        children=[one.child.child_id for one in found.children],
        others=[asked.site_id],
    )
    return web.Response(text=text, content_type="application/json", headers=headers)


def asked_of(query: WhichDay, caller: Caller) -> DayAsked:
    """Of what this caller may see. Raises `Forbidden`."""
    return DayAsked(
        municipality_id=query.municipality_id,
        site_id=query.site_id,
        date=query.date,
        activity_ids=frozenset(query.activity_id),
        programme_ids=caller.programmes_in(query.municipality_id, *STAFF),
        group=query.group,
    )


def _shown(asked: DayAsked, found: DayList) -> ShownDayList:
    order = [activity.id for activity in found.activities]
    return ShownDayList(
        municipality_id=asked.municipality_id,
        site_id=asked.site_id,
        date=asked.date,
        groups=sorted({group for one in found.children for group in one.groups.values() if group}),
        activities=[_activity(activity, found) for activity in found.activities],
        children=[_child(one, order) for one in found.children],
    )


def _activity(activity: Activity, found: DayList) -> DayActivity:
    counts = found.counts(activity.id)
    return DayActivity(
        activity_id=activity.id,
        name=activity.name,
        starts=f"{activity.starts:%H:%M}" if activity.starts else None,
        ends=f"{activity.ends:%H:%M}" if activity.ends else None,
        final=activity.id in found.final,
        markable=activity.id in found.markable,
        counts=Heads(expected=counts.expected, present=counts.present, absent=counts.absent, unbooked=counts.unbooked),
    )


def _child(one: DayOfChild, order: list[str]) -> DayChild:
    return DayChild(
        child_id=one.child.child_id,
        first_name=one.child.first_name,
        last_name=one.child.last_name,
        days=[_cell(activity_id, one) for activity_id in order if activity_id in one.groups],
    )


def _cell(activity_id: str, one: DayOfChild) -> DayCell:
    group, entry = one.groups[activity_id], one.entries.get(activity_id)
    if entry is None:
        return DayCell(activity_id=activity_id, group=group)
    return DayCell(
        activity_id=activity_id,
        group=group,
        state=entry.state,
        marked_at=entry.seen_at,
        device_id=entry.device,
        left_at=entry.left_at,
        reported_at=entry.reported_at,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/attendance-days",
        handler=attendance_day,
        who=agent(*STAFF),
        query=WhichDay,
        answer=ShownDayList,
        audit="attendance_day_listed",
    ),
]

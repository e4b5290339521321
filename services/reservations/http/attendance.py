"""The door to attendance lists and marks, for staff."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import AwareDatetime, Field, StringConstraints

from services.reservations.domain.attendance import Outcome, Sighting
from services.reservations.domain.bookable import RosterChild
from services.reservations.http.parts import CATALOGUE, DOOR
from services.reservations.http.shapes import Id, ShownRefusal, told
from services.reservations.usecases.list_programmes import programme_of
from services.reservations.usecases.mark_attendance import AttendanceList, list_attendance, mark_attendance
from shared import audit
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.web import CLOCK, Answer, Body, Route, agent

STAFF = (Role.ATTENDANCE, Role.MANAGER)


class WhichList(Body):
    municipality_id: Id
    activity_id: Id
    site_id: Id
    date: LocalDate


class ListedChild(Answer):
    """`state`: null for a child who is enrolled and was not booked."""

    child_id: str
    first_name: str
    last_name: str
    group: str
    state: str | None


class Heads(Answer):
    """`expected`: booked, whatever was marked since."""

    expected: int
    present: int
    absent: int
    unbooked: int


class ShownList(Answer):
    """`final`: the month is closed; `markable`: marks can be put in now."""

    municipality_id: str
    activity_id: str
    activity_name: str
    site_id: str
    date: date
    final: bool
    markable: bool
    children: list[ListedChild]
    counts: Heads


class NewMark(Body):
    """`marked_at`: when it was seen, on the clock of the device; now when it is left out. Of two marks of a child's
    day the later one counts, whole. `unmarked` takes a mark back; `left_at`: when a child who was there was collected.
    """

    child_id: Id
    outcome: Outcome
    marked_at: AwareDatetime | None = None
    device_id: Annotated[str, StringConstraints(max_length=80)] = ""
    left_at: AwareDatetime | None = None


class NewMarks(Body):
    municipality_id: Id
    activity_id: Id
    date: LocalDate
    marks: Annotated[list[NewMark], Field(min_length=1, max_length=500)]


class RefusedMark(Answer):
    child_id: str
    problem: ShownRefusal


class OutdatedMark(Answer):
    """A mark sent that changes nothing: the child was seen later, as it says here (`unmarked`: taken back)."""

    child_id: str
    outcome: str
    marked_at: datetime
    device_id: str


class MarksTaken(Answer):
    """`unchanged`: sent before, or saying what is known."""

    marked: int
    unchanged: int
    outdated: list[OutdatedMark]
    refused: list[RefusedMark]


async def attendance_list(request: web.Request, query: WhichList, caller: Caller) -> ShownList:
    """Who is enrolled in an activity at a site on a day, with what was booked and what was marked."""
    municipality_id = await _at_the_door(request, caller, query.municipality_id, query.activity_id)
    found = await list_attendance(municipality_id, query.activity_id, query.site_id, query.date, request.app[DOOR])
    _say_whom(request, municipality_id, query.activity_id, found.children)
    counts = found.counts
    return ShownList(
        municipality_id=municipality_id,
        activity_id=query.activity_id,
        activity_name=found.activity.name,
        site_id=query.site_id,
        date=query.date,
        final=found.final,
        markable=found.markable,
        children=_children(found),
        counts=Heads(expected=counts.expected, present=counts.present, absent=counts.absent, unbooked=counts.unbooked),
    )


async def _at_the_door(request: web.Request, caller: Caller, municipality_id: str, activity_id: str) -> str:
    """The town, when the caller keeps attendance there or in the programme of the activity. Raises `Forbidden`."""
    if not activity_id.startswith(f"{municipality_id}."):
        return caller.agent_of(municipality_id, *STAFF)
    programme_id = await programme_of(activity_id, catalogue=request.app[CATALOGUE])
    return caller.agent_of(municipality_id, *STAFF, programme_id=programme_id)


def _say_whom(request: web.Request, municipality_id: str, activity_id: str, children: Collection[RosterChild]) -> None:
    audit.about(
        request,
        municipality_id,
        households={child.household_id for child in children},
        children=[child.child_id for child in children],
        others=[activity_id],
    )


def _children(found: AttendanceList) -> list[ListedChild]:
    return [
        ListedChild(
            child_id=child.child_id,
            first_name=child.first_name,
            last_name=child.last_name,
            group=found.groups.get(child.child_id, ""),
            state=found.states.get(child.child_id),
        )
        for child in found.children
    ]


async def add_attendance_marks(request: web.Request, body: NewMarks, caller: Caller) -> MarksTaken:
    """Mark children present or absent, or take it back; sending the same again changes nothing."""
    municipality_id = await _at_the_door(request, caller, body.municipality_id, body.activity_id)
    now = request.app[CLOCK]()
    marks = [(mark.child_id, _sighting(mark, now)) for mark in body.marks]
    done = await mark_attendance(municipality_id, body.activity_id, body.date, marks, request.app[DOOR])
    _say_whom(request, municipality_id, body.activity_id, done.children)
    refused = [RefusedMark(child_id=child_id, problem=told(no, request)) for child_id, no in done.refused.items()]
    outdated = [
        OutdatedMark(child_id=one.child_id, outcome=one.outcome, marked_at=one.at, device_id=one.device)
        for one in done.outdated
    ]
    return MarksTaken(marked=done.marked, unchanged=done.unchanged, outdated=outdated, refused=refused)


def _sighting(mark: NewMark, now: datetime) -> Sighting:
    return Sighting(outcome=mark.outcome, at=mark.marked_at or now, device=mark.device_id, left_at=mark.left_at)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/attendance-lists",
        handler=attendance_list,
        who=agent(*STAFF),
        query=WhichList,
        answer=ShownList,
        audit="attendance_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/attendance-marks",
        handler=add_attendance_marks,
        who=agent(*STAFF),
        body=NewMarks,
        answer=MarksTaken,
        audit="attendance_marked",
    ),
]

"""The door to attendance lists and marks, for staff."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field

from services.reservations.domain.attendance import Seen
from services.reservations.http.parts import DOOR
from services.reservations.http.shapes import Id, LocalDate, ShownRefusal, told
from services.reservations.usecases.mark_attendance import AttendanceList, list_attendance, mark_attendance
from shared.auth import Caller, Role
from shared.web import Answer, Body, Route, agent

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
    child_id: Id
    outcome: Seen


class NewMarks(Body):
    municipality_id: Id
    activity_id: Id
    date: LocalDate
    marks: Annotated[list[NewMark], Field(min_length=1, max_length=500)]


class RefusedMark(Answer):
    child_id: str
    problem: ShownRefusal


class MarksTaken(Answer):
    marked: int
    unchanged: int
    refused: list[RefusedMark]


async def attendance_list(request: web.Request, query: WhichList, caller: Caller) -> ShownList:
    """Who is enrolled in an activity at a site on a day, with what was booked and what was marked."""
    municipality_id = caller.agent_of(query.municipality_id, *STAFF)
    found = await list_attendance(municipality_id, query.activity_id, query.site_id, query.date, request.app[DOOR])
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
    """Mark children present or absent; sending the same again changes nothing."""
    municipality_id = caller.agent_of(body.municipality_id, *STAFF)
    marks = {mark.child_id: mark.outcome for mark in body.marks}
    done = await mark_attendance(municipality_id, body.activity_id, body.date, marks, request.app[DOOR])
    refused = [RefusedMark(child_id=child_id, problem=told(no, request)) for child_id, no in done.refused.items()]
    return MarksTaken(marked=done.marked, unchanged=done.unchanged, refused=refused)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/attendance-lists",
        handler=attendance_list,
        who=agent(*STAFF),
        query=WhichList,
        answer=ShownList,
    ),
    Route(
        method="POST",
        path="/api/v1/attendance-marks",
        handler=add_attendance_marks,
        who=agent(*STAFF),
        body=NewMarks,
        answer=MarksTaken,
    ),
]

"""The door for families to say that a child will be away."""

from datetime import date
from typing import Annotated, Literal

from aiohttp import web
from pydantic import ConfigDict, Field, model_validator

from services.reservations.http.parts import HOTLINE
from services.reservations.http.shapes import Id, ShownRefusal, shown
from services.reservations.usecases.report_absence import Absence, ReportedDay, report_absence
from shared.auth import Caller
from shared.errors import N_
from shared.local_dates import LocalDate
from shared.web import GUARDIAN, Answer, Body, Key, Route

LONGEST_DAYS = 92


class NewAbsence(Body):
    """Both days included; every booked activity, when none is named. No reason is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    child_id: Id
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate
    activity_ids: Annotated[frozenset[Id], Field(max_length=50)] = frozenset()

    @model_validator(mode="after")
    def _forwards(self) -> "NewAbsence":
        if not 0 <= (self.until - self.start).days < LONGEST_DAYS:
            raise ValueError(N_("An absence ends on or after the day it begins, within three months."))
        return self


class ShownReport(Answer):
    """`reported`: staff see it; the day stays booked. `free`: it will not be charged. `problem`: why not, and what to
    do instead.
    """

    activity_id: str
    programme_id: str
    date: date
    outcome: Literal["reported", "free", "refused"]
    problem: ShownRefusal | None


class ShownAbsence(Answer):
    days: list[ShownReport]


async def add_absence(request: web.Request, body: NewAbsence, caller: Caller, key: Key) -> ShownAbsence:
    """Report an absence that is too late to cancel; what proves it is sent with a request."""
    absence = Absence(
        household_id=caller.household(),
        child_id=body.child_id,
        starts=body.start,
        ends=body.until,
        activity_ids=body.activity_ids,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    return ShownAbsence(days=[_day(one, request) for one in await report_absence(absence, request.app[HOTLINE])])


def _day(one: ReportedDay, request: web.Request) -> ShownReport:
    return ShownReport(
        activity_id=one.activity_id,
        programme_id=one.programme_id,
        date=one.date,
        outcome="refused" if one.refusal else "free" if one.free else "reported",
        problem=shown(one.refusal, request),
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/absences",
        handler=add_absence,
        who=GUARDIAN,
        body=NewAbsence,
        answer=ShownAbsence,
        keyed=True,
        status=201,
    ),
]

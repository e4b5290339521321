"""The door to the town's own calendar: its periods for agents, its days for everybody of the town."""

from datetime import date
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from services.reservations.domain.calendar import DayKind, Period, PeriodKind
from services.reservations.domain.calendar_changes import added, changed, checked, find, without
from services.reservations.http.parts import ALMANAC, CATALOGUE
from services.reservations.http.shapes import Id
from services.reservations.usecases.edit_calendar import Edited, edit_calendar
from services.reservations.usecases.show_calendar import DaysAsked, show_calendar
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.versions import etag
from shared.web import Answer, Body, Route, agent, guardian_or_agent

PATH = "/api/v1/calendar-periods"
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class Whose(Body):
    municipality_id: Id


class PeriodBody(Body):
    """`site_ids`: none for every site. A `school_day` is class where the week or the holidays would have none."""

    kind: Literal["holiday", "closure", "school_day"]
    starts: Annotated[LocalDate, Field(alias="from")]
    ends: Annotated[LocalDate, Field(alias="until")]
    label: Label = ""
    site_ids: Annotated[tuple[Id, ...], Field(max_length=500)] = ()

    def period(self) -> Period:
        return Period(
            kind=PeriodKind(self.kind),
            starts=self.starts,
            ends=self.ends,
            label=self.label,
            site_ids=frozenset(self.site_ids),
        )


class ShownPeriod(Answer):
    period_id: str
    kind: Literal["holiday", "closure", "school_day"]
    starts: Annotated[date, Field(serialization_alias="from")]
    ends: Annotated[date, Field(serialization_alias="until")]
    label: str
    site_ids: list[str]


class ShownPeriods(Answer):
    """`version` is also the ETag, which a change sends back in If-Match."""

    municipality_id: str
    version: int
    periods: list[ShownPeriod]


class ChangedPeriods(ShownPeriods):
    """`affected`: booked days from today on that fall on newly closed days. They stay booked until called off."""

    affected: int

    @classmethod
    def of(cls, municipality_id: str, edited: Edited) -> "ChangedPeriods":
        return ChangedPeriods(
            municipality_id=municipality_id,
            version=edited.version,
            periods=[shown_period(period) for period in edited.periods],
            affected=edited.affected,
        )


class ShownDay(Answer):
    """`label`: the name of the holiday or closure; `weekdays`: the ISO weekdays the day counts as."""

    date: date
    kind: DayKind
    label: str
    weekdays: list[int]


class WhichDays(Body):
    municipality_id: Id
    starts: Annotated[LocalDate, Field(alias="from")]
    ends: Annotated[LocalDate, Field(alias="until")]
    site_id: str = ""


async def show_periods(request: web.Request, query: Whose, caller: Caller) -> web.Response:
    """The periods of the town's calendar, public holidays left out: those come from the law."""
    municipality_id = caller.agent_of(query.municipality_id, *Role)
    current = await request.app[CATALOGUE].versioned(municipality_id)
    periods = [shown_period(period) for period in current.periods]
    answer = ShownPeriods(municipality_id=municipality_id, version=current.version, periods=periods)
    return with_version(answer, current.version)


async def add_period(request: web.Request, query: Whose, body: PeriodBody, caller: Caller) -> web.Response:
    """One more period; one that is there already is not added again."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    edited = await edit_calendar(
        municipality_id,
        lambda periods, catalogue: added(periods, checked(body.period(), catalogue.sites)),
        request.app[ALMANAC],
        if_match=request.headers.get("If-Match"),
    )
    return _changed(municipality_id, edited, status=201)


async def change_period(request: web.Request, query: Whose, body: PeriodBody, caller: Caller) -> web.Response:
    """Another kind, other days, label or sites; If-Match names the version of the calendar that was read."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    period_id = request.match_info["period_id"]
    edited = await edit_calendar(
        municipality_id,
        lambda periods, catalogue: changed(periods, period_id, checked(body.period(), catalogue.sites)),
        request.app[ALMANAC],
        if_match=request.headers.get("If-Match", ""),
    )
    return _changed(municipality_id, edited)


async def remove_period(request: web.Request, query: Whose, caller: Caller) -> web.Response:
    """The period is gone; If-Match names the version of the calendar that was read."""
    municipality_id = caller.agent_of(query.municipality_id, Role.MANAGER)
    period_id = request.match_info["period_id"]
    edited = await edit_calendar(
        municipality_id,
        lambda periods, _: without(periods, find(periods, period_id).id),
        request.app[ALMANAC],
        if_match=request.headers.get("If-Match", ""),
    )
    return _changed(municipality_id, edited)


async def show_days(request: web.Request, query: WhichDays, caller: Caller) -> list[ShownDay]:
    """Each day's kind, at one site or where no site differs; at most a year."""
    asked = DaysAsked(
        municipality_id=query.municipality_id, starts=query.starts, ends=query.ends, site_id=query.site_id
    )
    days = await show_calendar(asked, caller.municipality_ids | caller.agent_towns, catalogue=request.app[CATALOGUE])
    return [
        ShownDay(date=day, kind=found.kind, label=found.label, weekdays=sorted(found.weekdays)) for day, found in days
    ]


def shown_period(period: Period) -> ShownPeriod:
    return ShownPeriod(
        period_id=period.id,
        kind=period.kind.value,
        starts=period.starts,
        ends=period.ends,
        label=period.label,
        site_ids=sorted(period.site_ids),
    )


def _changed(municipality_id: str, edited: Edited, *, status: int = 200) -> web.Response:
    return with_version(ChangedPeriods.of(municipality_id, edited), edited.version, status=status)


def with_version(answer: Answer, version: int, *, status: int = 200) -> web.Response:
    text = answer.model_dump_json(by_alias=True)
    return web.Response(status=status, text=text, content_type="application/json", headers={"ETag": etag(version)})


ROUTES = [
    Route(method="GET", path=PATH, handler=show_periods, who=agent(*Role), query=Whose, answer=ShownPeriods),
    Route(
        method="POST",
        path=PATH,
        handler=add_period,
        who=agent(Role.MANAGER),
        query=Whose,
        body=PeriodBody,
        answer=ChangedPeriods,
        status=201,
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{period_id}}",
        handler=change_period,
        who=agent(Role.MANAGER),
        query=Whose,
        body=PeriodBody,
        answer=ChangedPeriods,
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{period_id}}",
        handler=remove_period,
        who=agent(Role.MANAGER),
        query=Whose,
        answer=ChangedPeriods,
    ),
    Route(
        method="GET",
        path="/api/v1/calendar",
        handler=show_days,
        who=guardian_or_agent(),
        query=WhichDays,
        answer=list[ShownDay],
    ),
]

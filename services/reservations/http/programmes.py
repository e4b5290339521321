"""The door to what a town offers."""

from typing import Literal

from aiohttp import web

from services.reservations.domain.audience import Audience
from services.reservations.domain.programmes import Activity, Programme, RunsOn
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.town import Town
from services.reservations.domain.written import Clock
from services.reservations.http.imports import Whose
from services.reservations.http.parts import CATALOGUE
from services.reservations.usecases.list_programmes import list_programmes
from shared.auth import Caller
from shared.contracts.reservations import BillingMode
from shared.web import Answer, Route, guardian_or_agent


class ShownSite(Answer):
    site_id: str
    name: str
    kind: str


class ShownDays(Answer):
    days: Literal["school_day", "holiday", "any_day"]
    weekdays: list[int]


class ShownActivity(Answer):
    """`places`: per date, null without limit; `starts`, `ends`: on the town's clock; `audience`: whom it is for."""

    activity_id: str
    name: str
    runs_on: list[ShownDays]
    excludes: list[str]
    requires: list[str]
    places: int | None
    starts: Clock | None
    ends: Clock | None
    audience: Audience | None


class ShownProgramme(Answer):
    programme_id: str
    municipality_id: str
    name: str
    billing_mode: BillingMode
    sites: list[ShownSite]
    activities: list[ShownActivity]
    regulation: Regulation


async def programmes(request: web.Request, query: Whose, caller: Caller) -> list[ShownProgramme]:
    """The programmes of a town the caller belongs to, with their activities and regulations."""
    allowed = caller.municipality_ids | caller.agent_towns
    town = await list_programmes(query.municipality_id, allowed, catalogue=request.app[CATALOGUE])
    return [_shown(programme, town) for programme in town.programmes.values()]


def _shown(programme: Programme, town: Town) -> ShownProgramme:
    sites = [town.sites[site_id] for site_id in programme.site_ids]
    return ShownProgramme(
        programme_id=programme.id,
        municipality_id=programme.municipality_id,
        name=programme.name,
        billing_mode=programme.billing_mode,
        sites=[ShownSite(site_id=site.id, name=site.name, kind=site.kind) for site in sites],
        activities=[_activity(activity) for activity in programme.activities],
        regulation=programme.regulation,
    )


def _activity(activity: Activity) -> ShownActivity:
    return ShownActivity(
        activity_id=activity.id,
        name=activity.name,
        runs_on=[_days(rule) for rule in activity.runs_on],
        excludes=sorted(activity.excludes),
        requires=sorted(activity.requires),
        places=activity.places,
        starts=activity.starts,
        ends=activity.ends,
        audience=activity.audience,
    )


def _days(rule: RunsOn) -> ShownDays:
    return ShownDays(days=rule.days, weekdays=sorted(rule.weekdays))


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/programmes",
        handler=programmes,
        who=guardian_or_agent(),
        query=Whose,
        answer=list[ShownProgramme],
    ),
]

"""The door to changing what a town offers, one thing at a time. Ids in paths are full, codes in bodies."""

from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web

from services.reservations.domain.catalogue_edits import (
    with_activity,
    with_changed_activity,
    with_changed_programme,
    with_changed_site,
    with_diets,
    with_programme,
    with_site,
)
from services.reservations.domain.catalogue_entries import (
    ActivityEntry,
    ActivityParts,
    ProgrammeEntry,
    ProgrammeParts,
    SiteEntry,
    SiteParts,
    WrittenCatalogue,
)
from services.reservations.domain.catalogue_file import written
from services.reservations.domain.programmes import municipality_of
from services.reservations.http.parts import CATALOGUE
from services.reservations.http.shapes_of_catalogue import (
    DietList,
    EditedActivity,
    EditedProgramme,
    EditedSite,
    ShownDiets,
    ShownSite,
    ShownSites,
    Whose,
    activity_of,
    diets_of,
    programme_of,
    site_of,
)
from services.reservations.usecases.edit_catalogue import Edit, Edited, edit_catalogue
from shared.auth import Caller, Role
from shared.errors import Forbidden, NotFound
from shared.versions import etag
from shared.web import CLOCK, Route, agent, guardian_or_agent

MANAGERS = agent(Role.MANAGER)
ONE_SITE = "/api/v1/sites/{site_id}"
ONE_PROGRAMME = "/api/v1/programmes/{programme_id}"
ONE_ACTIVITY = f"{ONE_PROGRAMME}/activities/{{activity_id}}"
Shown: TypeAlias = ShownSites | ShownDiets | EditedSite | EditedProgramme | EditedActivity
Change: TypeAlias = Callable[[WrittenCatalogue], WrittenCatalogue]


async def sites(request: web.Request, query: Whose, caller: Caller) -> web.Response:
    """The town's sites."""
    if query.municipality_id not in caller.municipality_ids | caller.agent_towns:
        raise NotFound()
    current = await request.app[CATALOGUE].versioned(query.municipality_id)
    items = [ShownSite(site_id=one.id, name=one.name, kind=one.kind) for one in current.catalogue.sites.values()]
    return _answered(ShownSites(version=current.version, items=items))


async def add_site(request: web.Request, query: Whose, body: SiteEntry, caller: Caller) -> web.Response:
    """A new site."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    edited = await _edited(request, caller, town, lambda known: with_site(known, body))
    return _answered(site_of(edited, f"{town}.{body.id}"), 201)


async def change_site(request: web.Request, body: SiteParts, caller: Caller) -> web.Response:
    """A site's name and kind; If-Match says which version of the town was read."""
    town, code = _named(request, "site_id")
    caller.agent_of(town, Role.MANAGER)
    edited = await _edited(request, caller, town, lambda known: with_changed_site(known, code, body), read=True)
    return _answered(site_of(edited, f"{town}.{code}"))


async def diets(request: web.Request, query: Whose, caller: Caller) -> web.Response:
    """What children may be noted not to eat: the town's list, or the one every town has."""
    if query.municipality_id not in caller.agent_towns:
        raise Forbidden()
    current = await request.app[CATALOGUE].versioned(query.municipality_id)
    return _answered(diets_of(Edited(version=current.version, catalogue=current.catalogue)))


async def change_diets(request: web.Request, query: Whose, body: DietList, caller: Caller) -> web.Response:
    """The town's list, whole; If-Match says which version of the town was read."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    edited = await _edited(request, caller, town, lambda known: with_diets(known, body.items), read=True)
    return _answered(diets_of(edited))


async def programme(request: web.Request, caller: Caller) -> web.Response:
    """A programme as it is written down: what a change starts from."""
    town, code = _named(request, "programme_id")
    caller.agent_of(town, Role.MANAGER, programme_id=f"{town}.{code}")
    current = await request.app[CATALOGUE].versioned(town)
    known = Edited(version=current.version, catalogue=current.catalogue)
    return _answered(programme_of(known, f"{town}.{code}"))


async def add_programme(request: web.Request, query: Whose, body: ProgrammeEntry, caller: Caller) -> web.Response:
    """A new programme with its activities and its first regulation."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    edited = await _edited(request, caller, town, lambda known: with_programme(known, body))
    return _answered(programme_of(edited, f"{town}.{body.id}"), 201)


async def change_programme(request: web.Request, body: ProgrammeParts, caller: Caller) -> web.Response:
    """A programme's name, billing, sites and places; its activities and its regulation have routes of their own."""
    town, code = _named(request, "programme_id")
    caller.agent_of(town, Role.MANAGER, programme_id=f"{town}.{code}")
    edited = await _edited(request, caller, town, lambda known: with_changed_programme(known, code, body), read=True)
    return _answered(programme_of(edited, f"{town}.{code}"))


async def add_activity(request: web.Request, body: ActivityEntry, caller: Caller) -> web.Response:
    """A new activity of a programme."""
    town, code = _named(request, "programme_id")
    caller.agent_of(town, Role.MANAGER, programme_id=f"{town}.{code}")
    edited = await _edited(request, caller, town, lambda known: with_activity(known, code, body))
    return _answered(activity_of(edited, f"{town}.{code}", f"{town}.{body.id}"), 201)


async def change_activity(request: web.Request, body: ActivityParts, caller: Caller) -> web.Response:
    """An activity: its days, times, places, what it needs and excludes, whom it is for."""
    town, code = _named(request, "programme_id")
    _, activity = _named(request, "activity_id")
    caller.agent_of(town, Role.MANAGER, programme_id=f"{town}.{code}")
    edited = await _edited(
        request, caller, town, lambda known: with_changed_activity(known, code, activity, body), read=True
    )
    return _answered(activity_of(edited, f"{town}.{code}", f"{town}.{activity}"))


async def export_programmes(request: web.Request, query: Whose, caller: Caller) -> web.Response:
    """All the town offers, as the file of programmes: sent back, it changes nothing."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    current = await request.app[CATALOGUE].versioned(town)
    file = written(current.catalogue).model_dump_json(exclude_defaults=True, indent=2)
    headers = {"Content-Disposition": f'attachment; filename="programmes-{town}.json"'}
    return web.Response(text=file, content_type="application/json", headers=headers)


async def _edited(request: web.Request, caller: Caller, town: str, change: Change, *, read: bool = False) -> Edited:
    if_match = request.headers.get("If-Match", "") if read else None
    edit = Edit(municipality_id=town, change=change, by=caller.account_id, if_match=if_match)
    return await edit_catalogue(edit, catalogue=request.app[CATALOGUE], clock=request.app[CLOCK])


def _named(request: web.Request, part: str) -> tuple[str, str]:
    """Town and code of an id in the path. Raises `NotFound` for one of another form."""
    town = municipality_of(request.match_info[part])
    return town, request.match_info[part].removeprefix(f"{town}.")


def _answered(shown: Shown, status: int = 200) -> web.Response:
    headers = {"ETag": etag(shown.version)}
    return web.Response(status=status, text=shown.model_dump_json(), content_type="application/json", headers=headers)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/sites",
        handler=sites,
        who=guardian_or_agent(),
        query=Whose,
        answer=ShownSites,
    ),
    Route(
        method="POST",
        path="/api/v1/sites",
        handler=add_site,
        who=MANAGERS,
        query=Whose,
        body=SiteEntry,
        answer=EditedSite,
        status=201,
    ),
    Route(method="PUT", path=ONE_SITE, handler=change_site, who=MANAGERS, body=SiteParts, answer=EditedSite),
    Route(
        method="GET",
        path="/api/v1/diets",
        handler=diets,
        who=agent(*Role),
        query=Whose,
        answer=ShownDiets,
    ),
    Route(
        method="PUT",
        path="/api/v1/diets",
        handler=change_diets,
        who=MANAGERS,
        query=Whose,
        body=DietList,
        answer=ShownDiets,
    ),
    Route(
        method="POST",
        path="/api/v1/programmes",
        handler=add_programme,
        who=MANAGERS,
        query=Whose,
        body=ProgrammeEntry,
        answer=EditedProgramme,
        status=201,
    ),
    Route(method="GET", path=ONE_PROGRAMME, handler=programme, who=MANAGERS, answer=EditedProgramme),
    Route(
        method="PUT",
        path=ONE_PROGRAMME,
        handler=change_programme,
        who=MANAGERS,
        body=ProgrammeParts,
        answer=EditedProgramme,
    ),
    Route(
        method="POST",
        path=f"{ONE_PROGRAMME}/activities",
        handler=add_activity,
        who=MANAGERS,
        body=ActivityEntry,
        answer=EditedActivity,
        status=201,
    ),
    Route(
        method="PUT",
        path=ONE_ACTIVITY,
        handler=change_activity,
        who=MANAGERS,
        body=ActivityParts,
        answer=EditedActivity,
    ),
    Route(
        method="GET",
        path="/api/v1/programme-exports",
        handler=export_programmes,
        who=MANAGERS,
        query=Whose,
        answer=WrittenCatalogue,
    ),
]

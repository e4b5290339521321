"""The door to the regulations of a programme: drafts, and the versions published from them."""

from aiohttp import web

from services.reservations.http.authors import author_of
from services.reservations.http.parts import CATALOGUE, DRAFTING
from services.reservations.http.shapes_of_regulations import (
    NewDraft,
    NewPublication,
    OfProgramme,
    RewrittenDraft,
    ShownRegulation,
    ShownRegulations,
    Speaking,
    regulation_of,
)
from services.reservations.usecases.regulations import (
    Shown,
    begin_draft,
    drop_draft,
    list_regulations,
    publish_draft,
    rewrite_draft,
    show_regulation,
)
from shared.auth import Caller, Role
from shared.problems import CATALOGUES
from shared.versions import etag
from shared.web import Route, agent

MANAGERS = agent(Role.MANAGER)
ONE = "/api/v1/regulations/{regulation_id}"


async def regulations(request: web.Request, query: OfProgramme, caller: Caller) -> ShownRegulations:
    """Drafts and published versions of a programme's regulation, newest first."""
    found = await list_regulations(query.programme_id, author_of(caller), request.app[DRAFTING])
    return ShownRegulations(items=[await _shown(request, one) for one in found])


async def regulation(request: web.Request, caller: Caller) -> web.Response:
    """One draft or version; the ETag is what a change of the draft needs."""
    return await _answered(request, await show_regulation(_asked(request), author_of(caller), request.app[DRAFTING]))


async def add_draft(request: web.Request, body: NewDraft, caller: Caller) -> web.Response:
    """A draft: of what is sent, or of the version in force."""
    draft = await begin_draft(body.programme_id, body.rules, author_of(caller), request.app[DRAFTING])
    return await _answered(request, draft, 201)


async def change_draft(request: web.Request, body: RewrittenDraft, caller: Caller) -> web.Response:
    """The whole draft, replaced; If-Match says which revision was read."""
    if_match = request.headers.get("If-Match", "")
    draft = await rewrite_draft(
        _asked(request), body.regulation.rules, if_match, author_of(caller), request.app[DRAFTING]
    )
    return await _answered(request, draft)


async def discard_draft(request: web.Request, caller: Caller) -> None:
    """A draft nobody needs; published versions stay."""
    await drop_draft(_asked(request), author_of(caller), request.app[DRAFTING])


async def publish_regulation(request: web.Request, body: NewPublication, caller: Caller) -> web.Response:
    """Make the draft the next version of the rules, for days from `valid_from` on; it can not be taken back."""
    if_match = request.headers.get("If-Match", "")
    version = await publish_draft(_asked(request), body.valid_from, if_match, author_of(caller), request.app[DRAFTING])
    return await _answered(request, version, 201)


def _asked(request: web.Request) -> str:
    return request.match_info["regulation_id"]


async def _shown(request: web.Request, found: Shown) -> ShownRegulation:
    town = await request.app[CATALOGUE].town(found.edition.municipality_id)
    speaking = Speaking(town=town, say=request.app[CATALOGUES].say)
    return regulation_of(found, speaking)


async def _answered(request: web.Request, found: Shown, status: int = 200) -> web.Response:
    shown = await _shown(request, found)
    headers = {"ETag": etag(shown.revision)}
    return web.Response(status=status, text=shown.model_dump_json(), content_type="application/json", headers=headers)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/regulations",
        handler=regulations,
        who=MANAGERS,
        query=OfProgramme,
        answer=ShownRegulations,
    ),
    Route(
        method="POST",
        path="/api/v1/regulations",
        handler=add_draft,
        who=MANAGERS,
        body=NewDraft,
        answer=ShownRegulation,
        status=201,
    ),
    Route(method="GET", path=ONE, handler=regulation, who=MANAGERS, answer=ShownRegulation),
    Route(method="PUT", path=ONE, handler=change_draft, who=MANAGERS, body=RewrittenDraft, answer=ShownRegulation),
    Route(method="DELETE", path=ONE, handler=discard_draft, who=MANAGERS, status=204),
    Route(
        method="POST",
        path=f"{ONE}/publication",
        handler=publish_regulation,
        who=MANAGERS,
        body=NewPublication,
        answer=ShownRegulation,
        status=201,
    ),
]

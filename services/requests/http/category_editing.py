"""Managers edit the town's categories: drafts, previews, versions, what is offered."""

from typing import Any

from aiohttp import web
from pydantic import Field

from services.requests.domain.catalogue.editing import CategoryDraft, find, problems_of
from services.requests.domain.catalogue.preview import preview
from services.requests.domain.refusals import FieldError
from services.requests.http.categories import OfTown
from services.requests.http.category_bodies import CategoryBody, Code, categories_schema
from services.requests.http.category_shapes import (
    CategoryAnswer,
    DraftAnswer,
    DraftSummary,
    EditionAnswer,
    ErrorAnswer,
    PreviewAnswer,
    ProblemAnswer,
    category_answer,
    category_fields,
    draft_summaries,
)
from services.requests.http.parts import CATALOGUES_OF_TOWNS, DRAFTS_OF_CATEGORIES, EDITING, EDITIONS, TOWNS
from services.requests.usecases.edit_categories import draft_of, offer_category, publish_draft, write_draft
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.problems import CATALOGUES, field_error, language_of
from shared.versions import etag
from shared.web import CLOCK, Body, Route, agent

MANAGER = agent(Role.MANAGER)


class OfCategory(Body):
    municipality_id: str = Field(max_length=100)
    code: Code


class OfferBody(Body):
    municipality_id: str = Field(max_length=100)
    offered: bool


class PreviewBody(Body):
    category: CategoryBody
    answers: dict[str, Any] = Field(default_factory=dict)


async def read_category_schema(_: web.Request) -> web.Response:
    """The form of the town's file of categories, as a JSON Schema"""
    return web.json_response(categories_schema(), content_type="application/schema+json")


async def list_category_drafts(request: web.Request, query: OfTown, caller: Caller) -> list[DraftSummary]:
    """Every category of the town, withdrawn ones and those only drafted too."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    known, _ = await request.app[CATALOGUES_OF_TOWNS].of_town(town)
    return draft_summaries(known, await request.app[DRAFTS_OF_CATEGORIES].of_town(town))


async def show_category_draft(request: web.Request, query: OfTown, caller: Caller) -> web.Response:
    """The draft of a category, or else the category as it is published, to begin one"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    return _shown(request, await draft_of(town, f"{town}.{request.match_info['code']}", request.app[EDITING]))


async def put_category_draft(request: web.Request, body: CategoryBody, query: OfTown, caller: Caller) -> web.Response:
    """Save a draft, whole, usable or not yet; If-Match says which one was read, `"0"` for the first"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    entry = {**body.entry(), "id": request.match_info["code"]}
    if body.id != request.match_info["code"]:
        raise NotFound()
    if_match = request.headers.get("If-Match", "")
    return _shown(request, await write_draft(town, entry, if_match=if_match, editing=request.app[EDITING]))


async def delete_category_draft(request: web.Request, query: OfTown, caller: Caller) -> None:
    """Give a draft up; what is published stays"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    await request.app[DRAFTS_OF_CATEGORIES].drop(town, f"{town}.{request.match_info['code']}")


async def publish_category_draft(request: web.Request, query: OfTown, caller: Caller) -> CategoryAnswer:
    """Make the draft the category's next version; requests that were begun keep theirs"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    category_id, if_match = f"{town}.{request.match_info['code']}", request.headers.get("If-Match", "")
    published = await publish_draft(town, category_id, if_match=if_match, editing=request.app[EDITING])
    return category_answer(published, language_of(request))


async def preview_request_category(
    request: web.Request, body: PreviewBody, query: OfTown, caller: Caller
) -> PreviewAnswer:
    """A category as a family would meet it, with sample answers checked; nothing is kept"""
    town, language = caller.agent_of(query.municipality_id, Role.MANAGER), language_of(request)
    today = request.app[CLOCK]().astimezone(await request.app[TOWNS].zone(town)).date()
    seen = preview(town, body.category.entry(), body.answers, today.isoformat())
    return PreviewAnswer(
        problems=[ProblemAnswer(**one) for one in _told(request, seen.problems)],
        category=category_answer(seen.category, language) if seen.category else None,
        answers=dict(seen.answers),
        asked=seen.asked,
        errors=[ErrorAnswer(**one) for one in _told(request, seen.errors)],
    )


async def list_category_versions(request: web.Request, query: OfCategory, caller: Caller) -> list[EditionAnswer]:
    """The versions of a category, newest first"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    known, _ = await request.app[CATALOGUES_OF_TOWNS].of_town(town)
    current = find(known, f"{town}.{query.code}")
    if current is None:
        raise NotFound()
    before = await request.app[EDITIONS].of(town, current.id, current.version)
    return [
        EditionAnswer.model_validate(
            {**category_fields(one, language_of(request)), "offered": one is current and one.offered}
        )
        for one in (current, *before)
    ]


async def offer_request_category(request: web.Request, body: OfferBody, caller: Caller) -> EditionAnswer:
    """Withdraw a category, or offer it again as it was; requests that were begun go on"""
    town = caller.agent_of(body.municipality_id, Role.MANAGER)
    category = await offer_category(
        town, request.match_info["category_id"], offered=body.offered, editing=request.app[EDITING]
    )
    fields = category_fields(category, language_of(request))
    return EditionAnswer.model_validate({**fields, "offered": category.offered})


def _shown(request: web.Request, draft: CategoryDraft) -> web.Response:
    problems = _told(request, problems_of(draft.entry, draft.municipality_id))
    answer = DraftAnswer(
        code=draft.code,
        version=draft.version,
        based_on=draft.based_on,
        edited_at=draft.edited_at,
        category=dict(draft.entry),
        problems=[ProblemAnswer(**one) for one in problems],
    )
    return web.json_response(text=answer.model_dump_json(), headers={"ETag": etag(draft.version)})


def _told(request: web.Request, errors: list[FieldError]) -> list[dict[str, str]]:
    catalogues, language = request.app[CATALOGUES], language_of(request)
    shown = [field_error(error, catalogues, language) for error in errors]
    return [{"field": one["field"], "message": one["message"]} for one in shown]


DRAFTS = "/api/v1/request-category-drafts"
ONE = f"{DRAFTS}/{{code}}"
ROUTES = [
    Route(
        method="GET",
        path="/api/v1/request-category-schema",
        handler=read_category_schema,
        who=MANAGER,
        gives="application/schema+json",
    ),
    Route(
        method="GET", path=DRAFTS, handler=list_category_drafts, who=MANAGER, query=OfTown, answer=list[DraftSummary]
    ),
    Route(method="GET", path=ONE, handler=show_category_draft, who=MANAGER, query=OfTown, answer=DraftAnswer),
    Route(
        method="PUT",
        path=ONE,
        handler=put_category_draft,
        who=MANAGER,
        body=CategoryBody,
        query=OfTown,
        answer=DraftAnswer,
    ),
    Route(method="DELETE", path=ONE, handler=delete_category_draft, who=MANAGER, query=OfTown),
    Route(
        method="POST",
        path=f"{ONE}/publication",
        handler=publish_category_draft,
        who=MANAGER,
        query=OfTown,
        answer=CategoryAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/request-category-previews",
        handler=preview_request_category,
        who=MANAGER,
        body=PreviewBody,
        query=OfTown,
        answer=PreviewAnswer,
    ),
    Route(
        method="GET",
        path="/api/v1/request-category-versions",
        handler=list_category_versions,
        who=MANAGER,
        query=OfCategory,
        answer=list[EditionAnswer],
    ),
    Route(
        method="PUT",
        path="/api/v1/request-categories/{category_id}/offer",
        handler=offer_request_category,
        who=MANAGER,
        body=OfferBody,
        answer=EditionAnswer,
    ),
]

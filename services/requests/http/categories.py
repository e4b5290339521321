"""Categories: a manager imports those of the town, families and agents read what is offered."""

from aiohttp import web
from pydantic import Field

from services.requests.domain.catalogue.audiences import admits
from services.requests.domain.catalogue.entries import entry_of
from services.requests.domain.categories import Category, Revision
from services.requests.http.category_bodies import CategoriesBody, Town
from services.requests.http.category_shapes import FormAnswer, OfferAnswer, category_fields
from services.requests.http.parts import CATALOGUES_OF_TOWNS, EDITING, HOUSEHOLDS, RECEPTION
from services.requests.usecases.import_categories import import_categories
from services.requests.usecases.reception import Visitor
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.problems import language_of
from shared.web import Answer, Body, Route, agent, guardian_or_agent


class OfTown(Body):
    municipality_id: Town


class OfChild(Body):
    child_id: str | None = Field(default=None, max_length=100)


class RevisionAnswer(Answer):
    """Numbers of categories."""

    created: int
    updated: int
    unchanged: int
    withdrawn: int


async def import_request_categories(
    request: web.Request, body: CategoriesBody, query: OfTown, caller: Caller
) -> RevisionAnswer:
    """Set the town's categories of requests, all at once; those left out are withdrawn."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    entries = [category.entry() for category in body.categories]
    revision: Revision = await import_categories(town, entries, shelves=request.app[EDITING])
    return RevisionAnswer.model_validate(revision, from_attributes=True)


async def export_request_categories(request: web.Request, query: OfTown, caller: Caller) -> CategoriesBody:
    """The town's categories as its file: imported again it changes nothing. Those withdrawn are left out."""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    categories, _ = await request.app[CATALOGUES_OF_TOWNS].of_town(town)
    return CategoriesBody.model_validate({"categories": [entry_of(one) for one in categories if one.offered]})


async def list_request_categories(request: web.Request, query: OfTown, caller: Caller) -> list[OfferAnswer]:
    """The requests families can make to a town, in its order."""
    if query.municipality_id not in caller.municipality_ids | caller.agent_towns:
        raise NotFound()
    categories, _ = await request.app[CATALOGUES_OF_TOWNS].of_town(query.municipality_id)
    offered = [category for category in categories if category.offered]
    admitted = await _admitted(request, caller, offered)
    language = language_of(request)
    return [
        OfferAnswer.model_validate({**category_fields(category, language), "may_file": category.id in admitted})
        for category in offered
    ]


async def _admitted(request: web.Request, caller: Caller, offered: list[Category]) -> set[str]:
    """Those the guardian's household may file, for one child of it at least."""
    if not caller.is_guardian or not offered or offered[0].municipality_id not in caller.municipality_ids:
        return set()
    visitor = Visitor(household_id=caller.household())
    standing = await request.app[RECEPTION].standing(visitor, offered[0].municipality_id)
    return {category.id for category in offered if admits(category.audience, standing, None)}


async def show_request_category(request: web.Request, query: OfChild, caller: Caller) -> FormAnswer:
    """One category, ready to be filled in; for a guardian with what is known of the household and of `child_id`."""
    towns = caller.municipality_ids | caller.agent_towns
    category = await request.app[CATALOGUES_OF_TOWNS].offered(request.match_info["category_id"], towns)
    is_theirs = caller.is_guardian and category.municipality_id in caller.municipality_ids
    answers, may_file = await _known(request, caller, category, query.child_id) if is_theirs else ({}, False)
    fields = category_fields(category, language_of(request))
    return FormAnswer.model_validate({**fields, "may_file": may_file, "answers": answers})


async def _known(
    request: web.Request, caller: Caller, category: Category, child_id: str | None
) -> tuple[dict[str, object], bool]:
    if child_id is not None and child_id not in await request.app[HOUSEHOLDS].children_of(caller.household()):
        raise NotFound()
    reception, visitor = request.app[RECEPTION], visitor_of(caller)
    standing = await reception.standing(visitor, category.municipality_id)
    answers = await reception.answers_known(category, visitor, child_id)
    return answers, admits(category.audience, standing, child_id)


def visitor_of(caller: Caller) -> Visitor:
    return Visitor(household_id=caller.household(), guardian_id=caller.guardian_id)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/request-category-imports",
        handler=import_request_categories,
        who=agent(Role.MANAGER),
        body=CategoriesBody,
        query=OfTown,
        answer=RevisionAnswer,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/request-category-exports",
        handler=export_request_categories,
        who=agent(Role.MANAGER),
        query=OfTown,
        answer=CategoriesBody,
    ),
    Route(
        method="GET",
        path="/api/v1/request-categories",
        handler=list_request_categories,
        who=guardian_or_agent(),
        query=OfTown,
        answer=list[OfferAnswer],
    ),
    Route(
        method="GET",
        path="/api/v1/request-categories/{category_id}",
        handler=show_request_category,
        who=guardian_or_agent(),
        query=OfChild,
        answer=FormAnswer,
    ),
]

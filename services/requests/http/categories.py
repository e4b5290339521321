"""Categories: a manager imports those of the town, families and agents read what is offered."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field

from services.requests.domain.categories import Revision
from services.requests.http.parts import CATALOGUES_OF_TOWNS
from services.requests.http.shapes import CategoryAnswer, category_answer
from services.requests.usecases.import_categories import import_categories
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.web import Answer, Body, Route, agent, guardian_or_agent

Code = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Town = Annotated[str, Field(max_length=100)]


class OfTown(Body):
    municipality_id: Town


class SlotBody(Body):
    slot: Code
    name: str = Field(min_length=1, max_length=120)
    mandatory: bool


FactName = Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]


class EffectBody(Body):
    """What an accepted request does elsewhere: `absence_proof`, `enrolment`, `contest` (a line of an invoice),
    `quotient` (whose value the agent who accepts it reads off the proof).
    `fields`: the form's field for each of `starts`, `ends`, `programme`, `site`, `group`, `category`, or of a contested
    line `invoice`, `line`, `trail`, `words`; `values`: what is always the same.
    """

    kind: Literal["absence_proof", "enrolment", "contest", "quotient"]
    fields: dict[FactName, Annotated[str, Field(max_length=60)]] = Field(default_factory=dict, max_length=10)
    values: dict[FactName, Annotated[str, Field(max_length=100)]] = Field(default_factory=dict, max_length=10)


class CategoryBody(Body):
    id: Code
    thematic: str = Field(min_length=1, max_length=80)
    name: str = Field(min_length=1, max_length=150)
    instructions: str = Field(default="", max_length=4000)
    form: dict[str, Any]
    about_child: bool
    attachments: list[SlotBody] = Field(default_factory=list, max_length=10)
    effect: EffectBody | None = None


class CategoriesBody(Body):
    """The whole set of the town."""

    categories: list[CategoryBody] = Field(max_length=200)


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
    entries = [category.model_dump() for category in body.categories]
    revision: Revision = await import_categories(town, entries, catalogues=request.app[CATALOGUES_OF_TOWNS])
    return RevisionAnswer.model_validate(revision, from_attributes=True)


async def list_request_categories(request: web.Request, query: OfTown, caller: Caller) -> list[CategoryAnswer]:
    """The requests families can make to a town, in its order."""
    if query.municipality_id not in caller.municipality_ids | caller.agent_towns:
        raise NotFound()
    categories, _ = await request.app[CATALOGUES_OF_TOWNS].of_town(query.municipality_id)
    return [category_answer(category) for category in categories if category.offered]


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
        path="/api/v1/request-categories",
        handler=list_request_categories,
        who=guardian_or_agent(),
        query=OfTown,
        answer=list[CategoryAnswer],
    ),
]

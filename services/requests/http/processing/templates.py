"""Answer templates of a town, and those that fit a request, filled in."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.requests.domain.templates import LONGEST_NAME, LONGEST_TEXT, PLACES, Template, Use
from services.requests.http.parts import HOUSEHOLDS, REQUESTS, TEMPLATES, TOWNS
from services.requests.http.processing.acts import OfTown
from services.requests.http.readers import READERS, say_whom, towns_of
from services.requests.usecases.processing.templates import (
    Wanted,
    add_template,
    change_template,
    drop_template,
    texts_for,
)
from shared.auth import Caller, Role
from shared.problems import CATALOGUES, language_of
from shared.versions import etag
from shared.web import Answer, Body, Route, agent

CategoryId = Annotated[str, Field(max_length=200)]


class TemplateBody(Body):
    """`use`: the text of an acceptance (`accepted`), a refusal (`refused`), of what is asked (`asked`) or of a message.
    `text`: plain, with places between braces. `category_ids`: of which categories; none: of all."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
    use: Use
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
    category_ids: list[CategoryId] = Field(default_factory=list, max_length=200)

    def wanted(self) -> Wanted:
        return Wanted(name=self.name, use=self.use, text=self.text, category_ids=tuple(self.category_ids))


class TemplateAnswer(Answer):
    """`version` is the ETag, which a change sends back in If-Match."""

    template_id: str
    name: str
    use: Use
    text: str
    category_ids: list[str]
    version: int


class PlaceAnswer(Answer):
    place: str
    meaning: str


class TemplatesAnswer(Answer):
    """`places`: what may stand between braces in a text, `{child_first_name}` for instance."""

    items: list[TemplateAnswer]
    places: list[PlaceAnswer]


class TextAnswer(Answer):
    """A text filled in; a place nothing is known for is left as it is."""

    template_id: str
    name: str
    use: Use
    text: str


async def list_answer_templates(request: web.Request, query: OfTown, caller: Caller) -> TemplatesAnswer:
    """The texts agents of a town begin their answers with"""
    town = caller.agent_of(query.municipality_id, *READERS)
    catalogues, language = request.app[CATALOGUES], language_of(request)
    places = [
        PlaceAnswer(place=place, meaning=catalogues.translate(language, meaning)) for place, meaning in PLACES.items()
    ]
    return TemplatesAnswer(items=[_answer(one) for one in await request.app[TEMPLATES].of_town(town)], places=places)


async def add_answer_template(request: web.Request, body: TemplateBody, query: OfTown, caller: Caller) -> web.Response:
    """A new text; what stands between braces must be one of the places"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    return _shown(await add_template(town, body.wanted(), templates=request.app[TEMPLATES]), 201)


async def put_answer_template(request: web.Request, body: TemplateBody, query: OfTown, caller: Caller) -> web.Response:
    """Another text in its place; If-Match says which version was read"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    template_id, if_match = request.match_info["template_id"], request.headers.get("If-Match", "")
    changed = await change_template(template_id, town, body.wanted(), if_match, templates=request.app[TEMPLATES])
    return _shown(changed)


async def delete_answer_template(request: web.Request, query: OfTown, caller: Caller) -> None:
    """Do away with it; If-Match says which version was read. Answers written with it stay"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    template_id, if_match = request.match_info["template_id"], request.headers.get("If-Match", "")
    await drop_template(template_id, town, if_match, templates=request.app[TEMPLATES])


async def list_answer_texts(request: web.Request, caller: Caller) -> list[TextAnswer]:
    """The templates that fit a request, filled in for it, to be read again before they are sent"""
    found = await request.app[REQUESTS].of_towns(request.match_info["request_id"], towns_of(caller))
    say_whom(request, found)
    texts = await texts_for(
        found, templates=request.app[TEMPLATES], towns=request.app[TOWNS], households=request.app[HOUSEHOLDS]
    )
    return [TextAnswer(template_id=one.id, name=one.name, use=one.use, text=one.text) for one in texts]


def _answer(template: Template) -> TemplateAnswer:
    return TemplateAnswer(
        template_id=template.id,
        name=template.name,
        use=template.use,
        text=template.text,
        category_ids=list(template.category_ids),
        version=template.version,
    )


def _shown(template: Template, status: int = 200) -> web.Response:
    text = _answer(template).model_dump_json()
    return web.json_response(text=text, status=status, headers={"ETag": etag(template.version)})


PATH = "/api/v1/answer-templates"
ONE = f"{PATH}/{{template_id}}"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_answer_templates,
        who=agent(*READERS),
        query=OfTown,
        answer=TemplatesAnswer,
    ),
    Route(
        method="POST",
        path=PATH,
        handler=add_answer_template,
        who=agent(Role.MANAGER),
        body=TemplateBody,
        query=OfTown,
        answer=TemplateAnswer,
        status=201,
    ),
    Route(
        method="PUT",
        path=ONE,
        handler=put_answer_template,
        who=agent(Role.MANAGER),
        body=TemplateBody,
        query=OfTown,
        answer=TemplateAnswer,
    ),
    Route(method="DELETE", path=ONE, handler=delete_answer_template, who=agent(Role.MANAGER), query=OfTown),
    Route(
        method="GET",
        path="/api/v1/requests/{request_id}/answer-texts",
        handler=list_answer_texts,
        who=agent(*READERS),
        answer=list[TextAnswer],
        audit="answer_texts_read",
    ),
]

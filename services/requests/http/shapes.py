"""How categories and requests are shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from services.requests.domain.asked import fields_asked
from services.requests.domain.processing.reading import Side
from services.requests.domain.requests import Request, State
from services.requests.http.category_shapes import CategoryAnswer, category_answer
from services.requests.http.file_shapes import (
    AttachmentAnswer,
    EmptiedAnswer,
    HeldAnswer,
    attachments_of,
    emptied_of,
    held_of,
)
from services.requests.http.parts import COUNTER, FILES, HOUSEHOLDS, TOWNS
from services.requests.http.work_shapes import EntryAnswer, View, WorkAnswer, WorkSummary, summary_of, work_of
from services.requests.usecases.verify_documents import with_held
from shared.mongo import Document
from shared.problems import CATALOGUES, field_error, language_of
from shared.versions import etag
from shared.web import CLOCK, Answer


class MissingAnswer(Answer):
    """`place` is `answers` or `attachments`."""

    place: str
    field: str
    message: str


class SummaryAnswer(WorkSummary):
    request_id: str
    municipality_id: str
    household_id: str
    category_id: str
    category_name: str
    thematic: str
    child_id: str | None
    child_first_name: str | None
    state: State
    created_at: datetime
    filed_at: datetime | None
    answered_at: datetime | None


class RequestAnswer(SummaryAnswer, WorkAnswer):
    """`missing`: what a submission of the draft would refuse now; `held`: slots that need not be filled; `emptied`:
    slots whose document the antivirus removed, to be filled again; `asked`: the fields the form asks for with these
    answers, in its order."""

    category: CategoryAnswer
    answers: dict[str, Any]
    asked: list[str]
    attachments: list[AttachmentAnswer]
    held: list[HeldAnswer]
    emptied: list[EmptiedAnswer]
    missing: list[MissingAnswer]
    history: list[EntryAnswer]


def summary_answer(document: Document, first_names: Mapping[str, str], view: View) -> SummaryAnswer:
    category = document["category"]
    return SummaryAnswer(
        request_id=document["_id"],
        municipality_id=document["municipality_id"],
        household_id=document["household_id"],
        category_id=category["id"],
        category_name=category["name"],
        thematic=category["thematic"],
        child_id=document["child_id"],
        child_first_name=first_names.get(document["child_id"]),
        state=document["state"],
        created_at=document["created_at"],
        filed_at=document["filed_at"],
        answered_at=document["answered_at"],
        **summary_of(document, view),
    )


async def request_answer(request: Request, web_request: web.Request, side: Side = "family") -> RequestAnswer:
    """The whole request, in the reader's language."""
    request = await with_held(request, counter=web_request.app[COUNTER])
    files = await web_request.app[FILES].records.of_request(request.id, request.household_id)
    office = await web_request.app[TOWNS].office(request.municipality_id)
    view = View(side=side, today=office.today(web_request.app[CLOCK]()))
    names = await web_request.app[HOUSEHOLDS].children_of(request.household_id) if request.child_id else {}
    category = request.category
    return RequestAnswer(
        request_id=request.id,
        municipality_id=request.municipality_id,
        household_id=request.household_id,
        category_id=category.id,
        category_name=category.name,
        thematic=category.thematic,
        child_id=request.child_id,
        child_first_name=names.get(request.child_id or ""),
        state=request.state,
        created_at=request.created_at,
        filed_at=request.filed_at,
        answered_at=request.answered_at,
        category=category_answer(category, language_of(web_request)),
        answers=dict(request.answers),
        asked=fields_asked(request.answers, category.form),
        attachments=attachments_of(request, files),
        held=held_of(request),
        emptied=emptied_of(request),
        missing=_missing(request, web_request),
        **work_of(request, view),
    )


async def shown(request: Request, web_request: web.Request, side: Side = "family", status: int = 200) -> web.Response:
    """The whole request with its ETag, for whoever changes it next."""
    answer = await request_answer(request, web_request, side)
    headers = {"ETag": etag(request.version)}
    return web.json_response(text=answer.model_dump_json(), status=status, headers=headers)


def _missing(request: Request, web_request: web.Request) -> list[MissingAnswer]:
    if request.state != "draft":
        return []
    catalogues, language = web_request.app[CATALOGUES], language_of(web_request)
    shown = [field_error(error, catalogues, language) for error in request.missing()]
    return [MissingAnswer(place=error["in"], field=error["field"], message=error["message"]) for error in shown]

"""How categories and requests are shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from aiohttp import web

from services.requests.domain.categories import Category, Slot
from services.requests.domain.requests import Attachment, Request, State
from services.requests.http.parts import HOUSEHOLDS
from shared.mongo import Document
from shared.problems import CATALOGUES, field_error, language_of
from shared.web import Answer


class SlotAnswer(Answer):
    slot: str
    name: str
    mandatory: bool


class CategoryAnswer(Answer):
    """`form` is a JSON Schema (2020-12) of the answers; `effect`: what an accepted request does elsewhere, if any."""

    category_id: str
    municipality_id: str
    version: int
    thematic: str
    name: str
    instructions: str
    about_child: bool
    form: dict[str, Any]
    attachments: list[SlotAnswer]
    effect: Literal["", "absence_proof", "enrolment", "contest", "quotient"] = ""


class AttachmentAnswer(Answer):
    slot: str
    name: str
    media_type: str
    bytes: int
    added_at: datetime


class EntryAnswer(Answer):
    who: str
    at: datetime
    state: State
    message: str


class MissingAnswer(Answer):
    """`place` is `answers` or `attachments`."""

    place: str
    field: str
    message: str


class SummaryAnswer(Answer):
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


class RequestAnswer(SummaryAnswer):
    """`missing`: what a submission of the draft would refuse now."""

    category: CategoryAnswer
    answers: dict[str, Any]
    attachments: list[AttachmentAnswer]
    missing: list[MissingAnswer]
    history: list[EntryAnswer]


def category_answer(category: Category) -> CategoryAnswer:
    return CategoryAnswer(
        category_id=category.id,
        municipality_id=category.municipality_id,
        version=category.version,
        thematic=category.thematic,
        name=category.name,
        instructions=category.instructions,
        about_child=category.about_child,
        form=dict(category.form),
        attachments=[SlotAnswer(slot=slot.id, name=slot.name, mandatory=slot.mandatory) for slot in category.slots],
        effect=category.effect.kind if category.effect else "",
    )


def attachment_answer(slot: Slot, attachment: Attachment) -> AttachmentAnswer:
    return AttachmentAnswer(
        slot=slot.id,
        name=slot.name,
        media_type=attachment.kind,
        bytes=attachment.bytes,
        added_at=attachment.added_at,
    )


def summary_answer(document: Document, first_names: Mapping[str, str]) -> SummaryAnswer:
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
    )


async def request_answer(request: Request, web_request: web.Request) -> RequestAnswer:
    """The whole request, in the reader's language."""
    names = await web_request.app[HOUSEHOLDS].children_of(request.household_id) if request.child_id else {}
    category = request.category
    kept = [(slot, request.attachments.get(slot.id)) for slot in category.slots]
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
        category=category_answer(category),
        answers=dict(request.answers),
        attachments=[attachment_answer(slot, attachment) for slot, attachment in kept if attachment],
        missing=_missing(request, web_request),
        history=[
            EntryAnswer(who=entry.who, at=entry.at, state=entry.state, message=entry.message)
            for entry in request.history
        ],
    )


def _missing(request: Request, web_request: web.Request) -> list[MissingAnswer]:
    if request.state != "draft":
        return []
    catalogues, language = web_request.app[CATALOGUES], language_of(web_request)
    shown = [field_error(error, catalogues, language) for error in request.missing()]
    return [MissingAnswer(place=error["in"], field=error["field"], message=error["message"]) for error in shown]

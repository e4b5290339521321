"""How categories are shown: to families in their language, to managers with what they wrote."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from services.requests.domain.catalogue.editing import CategoryDraft
from services.requests.domain.catalogue.localising import localised
from services.requests.domain.categories import Category
from shared.web import Answer

Circle = Literal["all", "residents", "enrolled"]
EffectKind = Literal["", "absence_proof", "enrolment", "contest", "quotient", "pickup", "mandate"]


class SlotAnswer(Answer):
    """`document_kind`: one the town has verified already is not asked for again."""

    slot: str
    name: str
    mandatory: bool
    document_kind: str = ""


class StepAnswer(Answer):
    step: str
    name: str


class CategoryAnswer(Answer):
    """`form`: a JSON Schema (2020-12) of the answers; `ui`: how a page may show it (`sections`, and by field `widget`,
    `help`, `placeholder`, `prefill`, `messages`); `effect`: what an accepted request does elsewhere, if any;
    `audience`: who may file; `processing_days`: working days until the town means to answer, null for no promise.
    """

    category_id: str
    municipality_id: str
    version: int
    thematic: str
    name: str
    instructions: str
    about_child: bool
    form: dict[str, Any]
    attachments: list[SlotAnswer]
    effect: EffectKind = ""
    audience: Circle = "all"
    processing_days: int | None = None
    workflow: list[StepAnswer] = Field(default_factory=list)
    ui: dict[str, Any] = Field(default_factory=dict)


class OfferAnswer(CategoryAnswer):
    """`may_file`: whether the guardian's household is among those it is for."""

    may_file: bool


class FormAnswer(OfferAnswer):
    """`answers`: what the town knows of the household already, where the form asks for it; to be checked by it."""

    answers: dict[str, Any]


class EditionAnswer(CategoryAnswer):
    """One version; `offered`: whether families can begin it now."""

    offered: bool


class ProblemAnswer(Answer):
    """`field`: the place in the category (`category.form.properties.nom.title`)."""

    field: str
    message: str


class DraftSummary(Answer):
    """A category as managers list them: `version` 0 while nothing is published, `draft_version` 0 without a draft."""

    code: str
    category_id: str
    name: str
    thematic: str
    version: int
    offered: bool
    draft_version: int
    draft_edited_at: datetime | None


class DraftAnswer(Answer):
    """`category`: as the town's file writes it; `problems`: what keeps it from being published; `version`: also the
    ETag, 0 when nothing was saved yet and this is what is published; `based_on`: the version it was written over."""

    code: str
    version: int
    based_on: int
    edited_at: datetime
    category: dict[str, Any]
    problems: list[ProblemAnswer]


class ErrorAnswer(Answer):
    """`field`: of the form."""

    field: str
    message: str


class PreviewAnswer(Answer):
    """`category`: null while there are `problems`; `answers`: those given over those filled in for a household that
    does not exist; `asked`: the fields shown with these; `errors`: what a family would be told on submitting them."""

    problems: list[ProblemAnswer]
    category: CategoryAnswer | None
    answers: dict[str, Any]
    asked: list[str]
    errors: list[ErrorAnswer]


def category_fields(category: Category, language: str) -> dict[str, Any]:
    shown = localised(category, language)
    return {
        "category_id": shown.id,
        "municipality_id": shown.municipality_id,
        "version": shown.version,
        "thematic": shown.thematic,
        "name": shown.name,
        "instructions": shown.instructions,
        "about_child": shown.about_child,
        "form": dict(shown.form),
        "attachments": [
            SlotAnswer(slot=slot.id, name=slot.name, mandatory=slot.mandatory, document_kind=slot.document_kind)
            for slot in shown.slots
        ],
        "effect": shown.effect.kind if shown.effect else "",
        "audience": shown.audience.who,
        "processing_days": shown.processing_days,
        "workflow": [StepAnswer(step=step.id, name=step.name) for step in shown.workflow],
        "ui": dict(shown.ui),
    }


def category_answer(category: Category, language: str) -> CategoryAnswer:
    return CategoryAnswer.model_validate(category_fields(category, language))


def draft_summaries(known: tuple[Category, ...], drafts: list[CategoryDraft]) -> list[DraftSummary]:
    """In the order of the town's file, those never published last."""
    by_id = {draft.id: draft for draft in drafts}
    published = [_summary(one.code, one, by_id.get(one.id)) for one in known]
    ids = {one.id for one in known}
    return [*published, *(_summary(draft.code, None, draft) for draft in drafts if draft.id not in ids)]


def _summary(code: str, category: Category | None, draft: CategoryDraft | None) -> DraftSummary:
    entry = draft.entry if draft else {}
    return DraftSummary(
        code=code,
        category_id=category.id if category else draft.id if draft else "",
        name=category.name if category else str(entry.get("name", "")),
        thematic=category.thematic if category else str(entry.get("thematic", "")),
        version=category.version if category else 0,
        offered=bool(category and category.offered),
        draft_version=draft.version if draft else 0,
        draft_edited_at=draft.edited_at if draft else None,
    )

"""Requests and categories as MongoDB documents, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from services.requests.domain.catalogue.audiences import audience_of
from services.requests.domain.categories import Category, Slot, Step
from services.requests.domain.checklists import Held
from services.requests.domain.effects import Effect
from services.requests.domain.requests import Request
from services.requests.store.work_documents import attachment_document, attachment_of, work_document, work_of
from shared.mongo import Document

__all__ = [
    "attachment_document",
    "attachment_of",
    "category_document",
    "category_of",
    "request_document",
    "request_of",
]

AS_TEXT = ("ui", "translations")


def category_document(category: Category) -> Document:
    """Choices and paths are keys in what a town wrote for its pages: kept as text, no sign in them means anything."""
    shown = {name: json.dumps(getattr(category, name), ensure_ascii=False) for name in AS_TEXT}
    return {**asdict(category), **shown}


def category_of(document: Mapping[str, Any]) -> Category:
    effect = document.get("effect")
    return Category(
        **{
            **document,
            "slots": tuple(Slot(**slot) for slot in document["slots"]),
            "effect": Effect(**effect) if effect else None,
            "audience": audience_of(document.get("audience")),
            "workflow": tuple(Step(**step) for step in document.get("workflow", ())),
            **{name: json.loads(document.get(name) or "{}") for name in AS_TEXT},
        }
    )


def request_document(request: Request) -> Document:
    document = {
        **asdict(request),
        "_id": request.id,
        "category": category_document(request.category),
        "attachments": {slot: attachment_document(kept) for slot, kept in request.attachments.items()},
        "held": held_documents(request.held),
        "touched_at": request.created_at,
        **work_document(request),
    }
    del document["id"]
    return document


def held_documents(held: Mapping[str, Held]) -> Document:
    return {slot: {**asdict(one), "valid_until": one.valid_until.isoformat()} for slot, one in held.items()}


def held_of(documents: Mapping[str, Any]) -> dict[str, Held]:
    return {
        slot: Held(**{**one, "valid_until": date.fromisoformat(one["valid_until"])}) for slot, one in documents.items()
    }


def request_of(document: Mapping[str, Any]) -> Request:
    return Request(
        id=document["_id"],
        household_id=document["household_id"],
        municipality_id=document["municipality_id"],
        category=category_of(document["category"]),
        child_id=document["child_id"],
        answers=document["answers"],
        state=document["state"],
        attachments={slot: attachment_of(kept) for slot, kept in document["attachments"].items()},
        created_at=document["created_at"],
        emptied_slots=document.get("emptied_slots", {}),
        held=held_of(document.get("held", {})),
        filed_at=document["filed_at"],
        answered_at=document["answered_at"],
        concerns=document.get("concerns", ""),
        version=document["version"],
        **work_of(document),
    )

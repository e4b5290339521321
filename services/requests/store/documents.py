"""Requests and categories as MongoDB documents, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.requests.domain.categories import Category, Slot
from services.requests.domain.effects import Effect
from services.requests.domain.files import Kind
from services.requests.domain.requests import Attachment, Entry, Request
from shared.mongo import Document


def category_document(category: Category) -> Document:
    return asdict(category)


def category_of(document: Mapping[str, Any]) -> Category:
    effect = document.get("effect")
    slots = tuple(Slot(**slot) for slot in document["slots"])
    return Category(**{**document, "slots": slots, "effect": Effect(**effect) if effect else None})


def request_document(request: Request) -> Document:
    document = {
        **asdict(request),
        "_id": request.id,
        "category": category_document(request.category),
        "attachments": {slot: attachment_document(kept) for slot, kept in request.attachments.items()},
        "touched_at": request.created_at,
    }
    del document["id"]
    return document


def attachment_document(attachment: Attachment) -> Document:
    return {**asdict(attachment), "kind": str(attachment.kind)}


def attachment_of(document: Mapping[str, Any]) -> Attachment:
    return Attachment(**{**document, "kind": Kind(document["kind"])})


def history_document(request: Request) -> list[Document]:
    return [asdict(entry) for entry in request.history]


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
        history=tuple(Entry(**entry) for entry in document["history"]),
        created_at=document["created_at"],
        filed_at=document["filed_at"],
        answered_at=document["answered_at"],
        concerns=document.get("concerns", ""),
        version=document["version"],
    )

"""What happens to a request, as part of its MongoDB document, and back; days are ISO text."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from services.requests.domain.files import Kind
from services.requests.domain.processing.reading import unread
from services.requests.domain.records import Asking, Assignee, Attachment, Entry, Message, Note, Sending
from services.requests.domain.requests import Request
from shared.mongo import Document


def work_document(request: Request) -> Document:
    """Everything that processing changes; `unread_*` are kept beside for lists."""
    return {
        "state": request.state,
        "history": [entry_document(entry) for entry in request.history],
        "answered_at": request.answered_at,
        "withdrawn_at": request.withdrawn_at,
        "assigned": asdict(request.assigned) if request.assigned else None,
        "asking": asking_document(request.asking) if request.asking else None,
        "asked_slots": list(request.asked_slots),
        "messages": [message_document(message) for message in request.messages],
        "notes": [asdict(note) for note in request.notes],
        "due_on": _text(request.due_on),
        "overdue_told": request.overdue_told,
        "step": request.step,
        "decisions": request.decisions,
        **read_document(request),
    }


def read_document(request: Request) -> Document:
    return {
        "read_by_family": request.read_by_family,
        "read_by_agents": request.read_by_agents,
        "unread_by_family": unread(request, "family"),
        "unread_by_agents": unread(request, "agents"),
    }


def work_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """As arguments of `Request`; documents of before the workflow have none of it but a history."""
    asking, assigned = document.get("asking"), document.get("assigned")
    due_on = document.get("due_on")
    return {
        "history": tuple(entry_of(entry) for entry in document["history"]),
        "withdrawn_at": document.get("withdrawn_at"),
        "assigned": Assignee(**assigned) if assigned else None,
        "asking": asking_of(asking) if asking else None,
        "asked_slots": tuple(document.get("asked_slots", ())),
        "messages": tuple(message_of(message) for message in document.get("messages", ())),
        "notes": tuple(Note(**note) for note in document.get("notes", ())),
        "due_on": date.fromisoformat(due_on) if due_on else None,
        "overdue_told": document.get("overdue_told", False),
        "step": document.get("step", ""),
        "decisions": document.get("decisions", int(document["answered_at"] is not None)),
        "read_by_family": document.get("read_by_family", 0),
        "read_by_agents": document.get("read_by_agents", 0),
    }


def attachment_document(attachment: Attachment) -> Document:
    return {**asdict(attachment), "kind": str(attachment.kind)}


def attachment_of(document: Mapping[str, Any]) -> Attachment:
    return Attachment(**{**document, "kind": Kind(document["kind"])})


def entry_document(entry: Entry) -> Document:
    return {**asdict(entry), "due_on": _text(entry.due_on)}


def entry_of(document: Mapping[str, Any]) -> Entry:
    due_on, sent = document.get("due_on"), document.get("sent")
    known = {"due_on": date.fromisoformat(due_on) if due_on else None, "sent": Sending(**sent) if sent else None}
    return Entry(**{**document, **known})


def asking_document(asking: Asking) -> Document:
    return {**asdict(asking), "fields": list(asking.fields), "slots": list(asking.slots)}


def asking_of(document: Mapping[str, Any]) -> Asking:
    return Asking(**{**document, "fields": tuple(document["fields"]), "slots": tuple(document["slots"])})


def message_document(message: Message) -> Document:
    return {**asdict(message), "attachments": [attachment_document(one) for one in message.attachments]}


def message_of(document: Mapping[str, Any]) -> Message:
    kept = {
        "sent": Sending(**document["sent"]),
        "attachments": tuple(attachment_of(one) for one in document["attachments"]),
    }
    return Message(**{**document, **kept})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None

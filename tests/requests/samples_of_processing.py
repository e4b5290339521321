"""A filed request of a category that promises an answer, and those around it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.requests.domain.processing.receiving import acknowledged
from services.requests.domain.records import Message, Sending
from services.requests.domain.requests import Request
from services.requests.domain.working_days import Office
from tests.requests.samples import CATEGORY, DRAFT, NOW, PARIS, SCAN

OFFICE = Office(zone=PARIS, holidays="metropole")
PROMISING = replace(CATEGORY, processing_days=5)
READY = replace(DRAFT, category=PROMISING, attachments={"piece-identite": SCAN})
AGENT = "acc_agent"
PARENT = "acc_parent"
SENT = Sending(key="a-fresh-random-key", fingerprint="f")


def filed(**changes: Any) -> Request:
    """On Friday 20 November 2026."""
    request, _ = replace(READY, **changes).filed(PARENT, NOW, PARIS)
    return acknowledged(request, OFFICE, NOW)[0]


def message(**changes: Any) -> Message:
    known: dict[str, Any] = {
        "id": "msg_1",
        "who": "guardian",
        "account_id": PARENT,
        "at": NOW,
        "text": "Bonjour",
        "sent": SENT,
        "version": 0,
    }
    return Message(**{**known, **changes})


def days(request: Request) -> list[tuple[str, str]]:
    """What happened and the state it led to."""
    return [(entry.happened, entry.state) for entry in request.history]


def at(text: str) -> datetime:
    """`2026-11-23 10:00` in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)

"""CloudEvents 1.0 in structured JSON: how a fact travels, and how it waits in the outbox of its document.

Facts of one type that are told at the same moment travel in one message, as a CloudEvents batch (decision 14).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from shared import context
from shared.contracts import Event, Told
from shared.ids import uuid7

CONTENT_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"


class Malformed(ValueError):
    """A message that no contract of ours describes."""


def pack(
    events: Sequence[Event], *, subject: str, sequence: int, municipality_id: str, at: datetime
) -> list[dict[str, str]]:
    """The outbox entries of one write: ids are made here, once, and kept through every resend.

    `sequence` is the version the aggregate has after the write; `at` the aware UTC instant of the command.
    """
    return [_entry(event, subject, sequence, municipality_id, at) for event in events]


def _entry(event: Event, subject: str, sequence: int, municipality_id: str, at: datetime) -> dict[str, str]:
    event_id = uuid7()
    head = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/preau/{event.topic.split('.')[0]}",
        "type": event.topic,
        "time": at.isoformat(),
        "subject": subject,
        "datacontenttype": "application/json",
        "dataschema": f"/api/v1/schemas/{event.topic}.json",
        "municipality": municipality_id,
        "sequence": sequence,
        "correlationid": context.correlation_id.get() or event_id,
        "causationid": context.causation_id.get() or event_id,
    }
    if trace := context.traceparent.get():
        head["traceparent"] = trace
    body = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "data": {event.model_dump_json()}}}'
    return {"id": event_id, "type": event.topic, "exchange": event.exchange, "subject": subject, "body": body}


def events_in(body: bytes, content_type: str | None) -> list[Any]:
    """What a message carries: parsed envelopes, one or those of a batch. Raises `Malformed`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON: {type(error).__name__}") from None
    if content_type != BATCH_TYPE:
        return [found]
    if not isinstance(found, list) or not found:
        raise Malformed("a batch without events")
    return found


def unpack(event: Any, contract: type[Event]) -> tuple[Told[Event], dict[str, Any]]:
    """The fact and its raw envelope; `event`: as bytes, or parsed. Raises `Malformed` with the reason."""
    try:
        envelope = json.loads(event) if isinstance(event, bytes) else event
        told = Told(
            event=contract.model_validate(envelope["data"]),
            id=str(envelope["id"]),
            subject=str(envelope["subject"]),
            sequence=int(envelope["sequence"]),
            municipality_id=str(envelope["municipality"]),
            time=_instant(envelope["time"]),
        )
    except ValidationError as error:
        raise Malformed(f"{error.error_count()} fields do not match {contract.topic}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Malformed(f"not a CloudEvent of Préau: {type(error).__name__}") from None
    return told, envelope


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone")
    return instant

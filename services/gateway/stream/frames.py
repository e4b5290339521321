"""How things are written in a stream of server-sent events (WHATWG HTML, section 9.2).

Every frame ends in a blank line. An `id` alone is remembered by the reader and tells it nothing: that is how one with
no news keeps its place.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

MEDIA_TYPE = "text/event-stream"


def message(data: Mapping[str, Any], *, event_id: str = "", kind: str = "") -> bytes:
    """One event; without `kind` it is a plain `message`. JSON holds no line break, so `data` is one line."""
    head = (f"id: {event_id}\n" if event_id else "") + (f"event: {kind}\n" if kind else "")
    return f"{head}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def beat(event_id: str) -> bytes:
    """Nothing happened, up to and with that event."""
    return f"id: {event_id}\n\n".encode() if event_id else b":\n\n"


def opened(*, retry_ms: int, heartbeat_seconds: float, expires_at: str) -> bytes:
    """The first frame: when to come back after a loss, how often a sign of life comes, when the token ends."""
    said = {"heartbeat_seconds": heartbeat_seconds, "expires_at": expires_at}
    return f"retry: {retry_ms}\n".encode() + message(said, kind="opened")


def reset(event_id: str) -> bytes:
    """What was missed is not known any more: read everything again."""
    return message({}, event_id=event_id, kind="reset")


def places(municipality_id: str, slots: Iterable[tuple[str, str]]) -> bytes:
    """On these days of these activities places came or went; on none named, anywhere in the town.

    Without an id: what is gathered over a moment is no event, and not the same on two replicas.
    """
    named = [{"activity_id": activity_id, "date": day} for activity_id, day in sorted(slots)]
    return message({"municipality_id": municipality_id, "slots": named}, kind="places")


def ended(reason: str) -> bytes:
    """The last frame. `token`, `rights`: come back with another token; `restart`: come back."""
    return message({"reason": reason}, kind="end")

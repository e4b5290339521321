"""Which towns an event is recorded for, in which order."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event as it arrived, for one town; it gets its position when it is written."""

    id: str
    municipality_id: str
    type: str
    subject: str
    time: datetime
    body: str = field(repr=False)

    @property
    def key(self) -> str:
        return f"{self.municipality_id}/{self.id}"


def entries_of(envelope: Any) -> Iterator[Entry]:
    """One for each town the fact is about; none for a fact of no town, which is no partner's business.

    Raises `ValueError` for what is no event of ours.
    """
    if not isinstance(envelope, dict) or not isinstance(envelope.get("data"), dict):
        raise ValueError("no CloudEvent")
    try:
        event_id, kind, subject = str(envelope["id"]), str(envelope["type"]), str(envelope["subject"])
        time = datetime.fromisoformat(envelope["time"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"no CloudEvent of Préau: {type(error).__name__}") from None
    if time.tzinfo is None:
        raise ValueError("an instant without a zone")
    body = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
    for town in towns_of(envelope):
        yield Entry(id=event_id, municipality_id=town, type=kind, subject=subject, time=time, body=body)


def towns_of(envelope: Mapping[str, Any]) -> list[str]:
    own = envelope.get("municipality")
    named = envelope["data"].get("municipality_ids") or ()
    return sorted({town for town in (own, *named) if town and isinstance(town, str)})

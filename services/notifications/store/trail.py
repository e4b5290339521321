"""The trail of what was told: by which event, to whom, by which channel, when, and what became of each try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.notifications.domain.messages import Channel
from shared.errors import BadInput
from shared.mongo import Database, Document

SHOWN = (
    *("channel", "state", "caused_by", "topic", "household_id", "municipality_id", "recipient_id", "told_at"),
    *("tries", "due_at", "sent_at", "reason", "digest"),
)


@dataclass(frozen=True, kw_only=True)
class Try:
    at: datetime
    outcome: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One message to one reader. `recipient_id`: the guardian, the device or whoever an invitation is for; empty for a
    message in the household's space. `due_at`: when it is tried next, if it is.
    """

    id: str
    channel: Channel
    state: str
    event_id: str
    topic: str
    household_id: str
    municipality_id: str
    recipient_id: str
    told_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    reason: str
    digest_id: str
    tries: tuple[Try, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to look for. `since`, `until`: aware instants, the second excluded; `after`: cursor of the page before."""

    event_id: str = ""
    channel: Channel | None = None
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    limit: int = 50


class MailTrail:
    def __init__(self, db: Database) -> None:
        self._documents = db["messages"]

    async def of_town(self, municipality_id: str, asked: Asked, household_id: str = "") -> list[Entry]:
        """Latest first; of one household of the town when it is named."""
        scope: Document = {"municipality_id": municipality_id}
        if household_id:
            return await self._found({**scope, "household_id": household_id}, asked, "by_household")
        return await self._found(scope, asked, "_id_" if asked.event_id else "trail_of_town")

    async def of_household(self, household_id: str, readers: Sequence[str], asked: Asked) -> list[Entry]:
        """What these readers of the household were told, and what all of it was."""
        scope = {"household_id": household_id, "$or": [{"channel": "app"}, {"recipient_id": {"$in": list(readers)}}]}
        return await self._found(scope, asked, "by_household")

    async def _found(self, scope: Document, asked: Asked, hint: str) -> list[Entry]:
        wanted = [scope, *_filters(asked)]
        found = self._documents.find({"$and": wanted}, SHOWN, hint=hint).sort([("told_at", -1), ("_id", -1)])
        return [_entry(one) for one in await found.limit(asked.limit).to_list(asked.limit)]


def cursor_of(entry: Entry) -> str:
    return f"{entry.told_at.isoformat()}~{entry.id}"


def _filters(asked: Asked) -> list[Document]:
    span = {name: at for name, at in (("$gte", asked.since), ("$lt", asked.until)) if at}
    wanted: list[Document] = [{"told_at": span}] if span else []
    if asked.event_id:
        # The ids begin with it, so that its few messages are found whatever the town's size.
        wanted.append({"_id": {"$gte": f"msg_{asked.event_id}.", "$lt": f"msg_{asked.event_id}/"}})
    if asked.channel:
        wanted.append({"channel": asked.channel})
    if asked.state:
        wanted.append({"state": asked.state})
    if asked.after:
        told_at, last_id = _read_cursor(asked.after)
        earlier: dict[str, Any] = {"told_at": told_at, "_id": {"$lt": last_id}}
        wanted.append({"$or": [{"told_at": {"$lt": told_at}}, earlier]})
    return wanted


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    told_at, _, last_id = cursor.partition("~")
    try:
        at = datetime.fromisoformat(told_at)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not last_id:
        raise BadInput([{"in": "query", "field": "cursor", "message": "Not a cursor of the page before."}])
    return at, last_id


def _entry(found: Document) -> Entry:
    return Entry(
        id=found["_id"],
        channel=found["channel"],
        state=found["state"],
        event_id=found["caused_by"],
        topic=found["topic"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        recipient_id=found.get("recipient_id", ""),
        told_at=found["told_at"],
        due_at=found.get("due_at"),
        sent_at=found.get("sent_at"),
        reason=found.get("reason", ""),
        digest_id=found.get("digest", ""),
        tries=tuple(Try(**one) for one in found.get("tries", ())),
    )

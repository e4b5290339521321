"""Messages in a household's space."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from pymongo.errors import BulkWriteError

from services.notifications.domain.messages import Message, View
from shared.contracts import Event
from shared.contracts.catalogue import all_events
from shared.mongo import Database, Document
from shared.together import Together

CONTRACTS: dict[str, type[Event]] = {contract.topic: contract for contract in all_events()}
DUPLICATE_KEY = 11000
Mark: TypeAlias = Literal["read", "archived"]
FIELDS: dict[Mark, str] = {"read": "read_by", "archived": "archived_by"}


class MessageStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["messages"]
        self._told_together = Together(self._tell_all)

    async def tell(self, messages: Sequence[Message]) -> None:
        """Put each message where its household reads it, once however often it is told."""
        await asyncio.gather(*(self._told_together(message) for message in messages))

    async def _tell_all(self, messages: Sequence[Message]) -> list[None]:
        await insert_missing(self._documents, [_document(message) for message in messages])
        return [None] * len(messages)

    async def newest(self, household_id: str, *, before: str, limit: int, view: View | None = None) -> list[Message]:
        """Newest first, older than message `before` unless it is empty; as one person sees them, or all."""
        wanted = _seen(household_id, view)
        if before:
            wanted["_id"] = {"$lt": before}
        # Named, because the planner is tempted to walk everybody's messages in order of time.
        found = self._documents.find(wanted, hint="by_household").sort("_id", -1).limit(limit)
        return [_message(one) for one in await found.to_list(limit)]

    async def count(self, household_id: str, view: View, *, most: int) -> int:
        """How many the person sees, counted up to `most`."""
        wanted = _seen(household_id, view)
        return await self._documents.count_documents(wanted, hint="by_household", limit=most)

    async def mark(
        self, household_id: str, person_id: str, mark: Mark, *, on: bool, ids: Sequence[str] = (), until: str = ""
    ) -> int:
        """Set or take away a person's mark on these messages, or on all up to `until`; how many are theirs to mark."""
        wanted: dict[str, Any] = {"household_id": household_id, "channel": "app"}
        wanted["_id"] = {"$lte": until} if until else {"$in": list(ids)}
        change = {"$addToSet" if on else "$pull": {FIELDS[mark]: person_id}}
        return (await self._documents.update_many(wanted, change, hint="by_household")).matched_count


def _seen(household_id: str, view: View | None) -> dict[str, Any]:
    wanted: dict[str, Any] = {"household_id": household_id, "channel": "app"}
    if view is None:
        return wanted
    if view.hidden:
        wanted["topic"] = {"$nin": sorted(view.hidden)}
    if view.archived is not None:
        wanted["archived_by"] = view.person_id if view.archived else {"$ne": view.person_id}
    if view.unread:
        # Messages of before there were marks have no such field: nobody begins with two years of unread ones.
        wanted["read_by"] = {"$exists": True, "$ne": view.person_id}
    return wanted


async def insert_missing(documents: Any, new: Sequence[Document]) -> None:
    """Insert those whose id is not there yet."""
    try:
        await documents.insert_many(new, ordered=False)
    except BulkWriteError as error:
        details = error.details or {}
        if details.get("writeConcernErrors") or any(
            one["code"] != DUPLICATE_KEY for one in details.get("writeErrors", ())
        ):
            raise


def _document(message: Message) -> Document:
    return {
        "_id": message.id,
        "channel": "app",
        "state": "told",
        "caused_by": message.caused_by,
        "topic": message.event.topic,
        "household_id": message.household_id,
        "municipality_id": message.municipality_id,
        "told_at": message.told_at,
        "event": message.event.model_dump(mode="json"),
        "read_by": sorted(message.read_by),
    }


def _message(found: Document) -> Message:
    return Message(
        id=found["_id"],
        caused_by=found["caused_by"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        event=CONTRACTS[found["topic"]].model_validate(found["event"]),
        told_at=found["told_at"],
        read_by=frozenset(found.get("read_by", ())),
        archived_by=frozenset(found.get("archived_by", ())),
        countable="read_by" in found,
    )

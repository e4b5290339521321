"""Messages in a household's space."""

import asyncio
from collections.abc import Sequence
from typing import Any

from pymongo.errors import BulkWriteError

from services.notifications.domain.messages import Message
from shared.contracts import Event
from shared.contracts.catalogue import all_events
from shared.mongo import Database, Document
from shared.together import Together

CONTRACTS: dict[str, type[Event]] = {contract.topic: contract for contract in all_events()}
DUPLICATE_KEY = 11000


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

    async def newest(self, household_id: str, *, before: str, limit: int) -> list[Message]:
        """Newest first, older than message `before` unless it is empty."""
        wanted: dict[str, Any] = {"household_id": household_id, "channel": "app"}
        if before:
            wanted["_id"] = {"$lt": before}
        # Named, because the planner is tempted to walk everybody's messages in order of time.
        found = self._documents.find(wanted, hint="of_household").sort("_id", -1).limit(limit)
        return [_message(one) for one in await found.to_list(limit)]


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
    }


def _message(found: Document) -> Message:
    return Message(
        id=found["_id"],
        caused_by=found["caused_by"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        event=CONTRACTS[found["topic"]].model_validate(found["event"]),
        told_at=found["told_at"],
    )

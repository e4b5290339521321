"""The notes of one service about its agents, as documents on their way to identity."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from pymongo import IndexModel

from shared.contracts.audit import AgentActed
from shared.ids import new_id
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

KEPT_AFTER_TELLING = timedelta(days=30)
AUDIT_SCHEMA = CollectionSchema(
    tells=True,
    indexes=[
        # Identity holds the trail; a note that waits to be told is never forgotten, however long the broker is away.
        IndexModel(
            [("at", 1)],
            name="forget",
            expireAfterSeconds=int(KEPT_AFTER_TELLING.total_seconds()),
            partialFilterExpression={"outbox": []},
        )
    ],
    validator={
        "bsonType": "object",
        "required": ["action", "account_id", "municipality_id", "at", "outbox"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^aud_[0-9a-f]{32}$"},
            "action": {"bsonType": "string", "minLength": 1},
            "account_id": {"bsonType": "string", "minLength": 1},
            "municipality_id": {"bsonType": "string", "minLength": 1},
            "at": {"bsonType": "date"},
        },
    },
)


class Trail:
    """Insert only; `keep` is all there is."""

    def __init__(self, service: str, db: Database, wake: Callable[[str], None]) -> None:
        self.service = service
        self._documents = db["audit"]
        self._wake = wake

    async def keep(self, notes: Sequence[AgentActed]) -> None:
        """Every note, each with its event."""
        if notes:
            await self._documents.insert_many([_document(note) for note in notes])
            self._wake("audit")


def _document(note: AgentActed) -> Document:
    note_id = new_id("aud")
    return {
        "_id": note_id,
        "action": note.action,
        "account_id": note.account_id,
        "municipality_id": note.municipality_id,
        "at": note.at,
        "outbox": pack([note], subject=note_id, sequence=1, municipality_id=note.municipality_id, at=note.at),
    }

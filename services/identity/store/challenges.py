"""Steps of a sign-in that wait for an answer; MongoDB forgets them after their end."""

from datetime import datetime

from pymongo import IndexModel, ReturnDocument

from services.identity.domain.proofs import MOST_MISSES, Pending
from shared.mongo import CollectionSchema, Database, Document

CHALLENGES = CollectionSchema(
    indexes=[IndexModel([("expires_at", 1)], name="forget", expireAfterSeconds=0)],
    validator={
        "bsonType": "object",
        "required": ["purpose", "expires_at", "account_id", "methods", "nonce", "misses"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
            "purpose": {"bsonType": "string"},
            "expires_at": {"bsonType": "date"},
            "misses": {"bsonType": ["int", "long"], "maximum": MOST_MISSES},
        },
    },
)


class ChallengeStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["challenges"]

    async def add(self, pending: Pending) -> None:
        fields: Document = {
            "purpose": pending.purpose,
            "expires_at": pending.expires_at,
            "account_id": pending.account_id,
            "methods": list(pending.methods),
            "nonce": pending.nonce,
            "misses": pending.misses,
        }
        await self._documents.insert_one({"_id": pending.id, **fields})

    async def attempt(self, challenge_id: str, purpose: str, now: datetime) -> Pending | None:
        """The challenge, one try poorer; None when it is over. Counted first: simultaneous tries get no more."""
        asked = {
            "_id": challenge_id,
            "purpose": purpose,
            "expires_at": {"$gt": now},
            "misses": {"$lt": MOST_MISSES},
        }
        found = await self._documents.find_one_and_update(
            asked, {"$inc": {"misses": 1}}, return_document=ReturnDocument.AFTER
        )
        return _pending(found) if found else None

    async def take(self, challenge_id: str) -> bool:
        """Whether nobody else answered it first: it serves once."""
        return bool((await self._documents.delete_one({"_id": challenge_id})).deleted_count)


def _pending(found: Document) -> Pending:
    return Pending(
        id=found["_id"],
        purpose=found["purpose"],
        expires_at=found["expires_at"],
        account_id=found["account_id"],
        methods=tuple(found["methods"]),
        nonce=bytes(found["nonce"]),
        misses=found["misses"],
    )

"""Sessions as documents; MongoDB forgets them after their end."""

from dataclasses import asdict

from pymongo import IndexModel

from services.identity.domain.sessions import Session
from shared.mongo import CollectionSchema, Database

SESSIONS = CollectionSchema(
    indexes=[
        IndexModel([("expires_at", 1)], name="forget", expireAfterSeconds=0),
        IndexModel([("account_id", 1)], name="account"),
    ],
    validator={
        "bsonType": "object",
        "required": ["account_id", "secret_hash", "opened_at", "expires_at"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^ses_[0-9a-f]{32}$"},
            "account_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "secret_hash": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
            "opened_at": {"bsonType": "date"},
            "expires_at": {"bsonType": "date"},
        },
    },
)


class SessionStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["sessions"]

    async def add(self, session: Session) -> None:
        fields = asdict(session)
        await self._documents.insert_one({"_id": fields.pop("id"), **fields})

    async def get(self, session_id: str) -> Session | None:
        found = await self._documents.find_one({"_id": session_id})
        return Session(id=found.pop("_id"), **found) if found else None

    async def replace(self, session: Session, former_hash: str) -> bool:
        """Put the next secret in place of the former; False when that one no longer served."""
        written = await self._documents.update_one(
            {"_id": session.id, "account_id": session.account_id, "secret_hash": former_hash},
            {"$set": {"secret_hash": session.secret_hash, "expires_at": session.expires_at}},
        )
        return bool(written.matched_count)

    async def end(self, session_id: str) -> None:
        """Every token of the session is worth nothing from now on."""
        await self._documents.delete_one({"_id": session_id})

    async def end_own(self, session_id: str, account_id: str) -> None:
        await self._documents.delete_one({"_id": session_id, "account_id": account_id})

"""Sessions as documents; MongoDB forgets them after their end."""

from dataclasses import asdict

from pymongo import IndexModel

from services.identity.domain.sessions import Session
from services.identity.store.grants import GrantStore
from shared.mongo import CollectionSchema, Database, Document

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
            "methods": {"bsonType": "array", "items": {"bsonType": "string"}},
            "authenticated_at": {"bsonType": "date"},
            "seen_at": {"bsonType": "date"},
            "device": {"bsonType": "string", "maxLength": 100},
            "client_id": {"bsonType": "string"},
        },
    },
)
# A session opened before these were kept was opened with a password.
FORMERLY = ("password",)


class SessionStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["sessions"]
        self._accounts = db["accounts"]
        self._grants = GrantStore(db)

    async def add(self, session: Session, *, first_today: bool = True) -> None:
        """`first_today`: that its owner came is worth writing down."""
        fields = asdict(session)
        await self._documents.insert_one({"_id": fields.pop("id"), **fields})
        if not first_today:
            return
        # The session is forgotten soon, that somebody came is not: households nobody comes for are erased one day.
        seen = {"$max": {"last_signed_in_at": session.opened_at}}
        await self._accounts.update_one({"_id": session.account_id}, seen)

    async def get(self, session_id: str) -> Session | None:
        found = await self._documents.find_one({"_id": session_id})
        return _session(found) if found else None

    async def of_account(self, account_id: str) -> list[Session]:
        """Newest first."""
        found = self._documents.find({"account_id": account_id}, sort=[("opened_at", -1), ("_id", -1)])
        return [_session(one) async for one in found]

    async def replace(self, session: Session, former_hash: str) -> bool:
        """Put the next secret in place of the former; False when that one no longer served."""
        written = await self._documents.update_one(
            {"_id": session.id, "account_id": session.account_id, "secret_hash": former_hash},
            {"$set": _moving(session)},
        )
        return bool(written.matched_count)

    async def strengthen(self, session: Session) -> bool:
        """Keep what its owner proved once more, and its next secret; False when it has ended meanwhile."""
        fields = {**_moving(session), "methods": list(session.methods), "authenticated_at": session.authenticated_at}
        written = await self._documents.update_one(
            {"_id": session.id, "account_id": session.account_id}, {"$set": fields}
        )
        return bool(written.matched_count)

    async def end(self, session_id: str) -> None:
        """Every token of the session is worth nothing from now on; the sites it led to are told."""
        # Told first: what stops in between is done again by whoever signs out again.
        await self._grants.end_sessions([session_id])
        await self._documents.delete_one({"_id": session_id})

    async def end_own(self, session_id: str, account_id: str) -> bool:
        """Whether there was one."""
        await self._grants.end_sessions([session_id], account_id)
        ended = await self._documents.delete_one({"_id": session_id, "account_id": account_id})
        return bool(ended.deleted_count)

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]:
        """The sessions of the account that ended: all, but perhaps the one that asks. No site keeps anything."""
        await self._grants.revoke_account(account_id, but=but)
        own = {"account_id": account_id, "_id": {"$ne": but}}
        ended = [one["_id"] async for one in self._documents.find(own, {"_id": 1})]
        await self._documents.delete_many(own)
        return ended


def _moving(session: Session) -> Document:
    """What changes with every refresh."""
    return {"secret_hash": session.secret_hash, "expires_at": session.expires_at, "seen_at": session.seen_at}


def _session(found: Document) -> Session:
    opened_at = found["opened_at"]
    return Session(
        id=found["_id"],
        account_id=found["account_id"],
        secret_hash=found["secret_hash"],
        opened_at=opened_at,
        expires_at=found["expires_at"],
        methods=tuple(found.get("methods", FORMERLY)),
        authenticated_at=found.get("authenticated_at") or opened_at,
        seen_at=found.get("seen_at") or opened_at,
        device=found.get("device", ""),
        client_id=found.get("client_id", ""),
    )

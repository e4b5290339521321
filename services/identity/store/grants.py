"""Codes and grants as documents, and the calls to sites whose person signed out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.identity.domain.grants import CODE_KNOWN_FOR, OFFLINE, Code, Grant, LogoutDue
from shared.mongo import CollectionSchema, Database, Document

HASH = {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"}
AUTHORIZATION_CODES = CollectionSchema(
    indexes=[IndexModel([("issued_at", 1)], name="forget", expireAfterSeconds=int(CODE_KNOWN_FOR.total_seconds()))],
    validator={
        "bsonType": "object",
        "required": ["grant_id", "client_id", "account_id", "redirect_uri", "code_challenge", "issued_at"],
        "properties": {
            "_id": HASH,
            "code_challenge": {"bsonType": "string", "minLength": 43},
            "issued_at": {"bsonType": "date"},
        },
    },
)
GRANTS = CollectionSchema(
    indexes=[
        IndexModel([("forget_at", 1)], name="forget", expireAfterSeconds=0),
        IndexModel([("account_id", 1), ("client_id", 1)], name="account"),
        IndexModel([("session_id", 1)], name="session"),
        IndexModel([("logout_due_at", 1)], name="logout", partialFilterExpression={"logout_due_at": {"$type": "date"}}),
    ],
    validator={
        "bsonType": "object",
        "required": ["client_id", "account_id", "session_id", "scopes", "refresh_hash", "expires_at", "forget_at"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^gnt_[0-9a-f]{32}$"},
            "account_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "refresh_hash": {"bsonType": "string", "pattern": "^([0-9a-f]{64})?$"},
            "expires_at": {"bsonType": "date"},
            "forget_at": {"bsonType": "date"},
            "revoked_at": {"bsonType": ["date", "null"]},
            "logout_due_at": {"bsonType": ["date", "null"]},
        },
    },
)
# A grant is forgotten when it expires, but not before its site could be told that its sign-in ended.
TOLD_WITHIN = timedelta(days=1)
CLAIMED_FOR = timedelta(minutes=1)
AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)


class CodeStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["authorization_codes"]

    async def add(self, code: Code) -> None:
        await self._documents.insert_one(_document(code))

    async def find(self, code_id: str) -> Code | None:
        """Also one that lapsed or has served, for as long as it is known."""
        found = await self._documents.find_one({"_id": code_id})
        return Code(**_fields(found)) if found else None


class GrantStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["grants"]

    async def add(self, grant: Grant) -> bool:
        """False when its code has served already."""
        try:
            await self._documents.insert_one({**_document(grant), "forget_at": grant.expires_at})
        except DuplicateKeyError:
            return False
        return True

    async def find(self, grant_id: str) -> Grant | None:
        found = await self._documents.find_one({"_id": grant_id})
        return _grant(found) if found else None

    async def replace(self, grant: Grant, former_hash: str) -> bool:
        """Put the next refresh token in place of the former; False when that one no longer served."""
        live = {"_id": grant.id, "client_id": grant.client_id, "refresh_hash": former_hash, "revoked_at": None}
        change = dict.fromkeys(("expires_at", "forget_at"), grant.expires_at)
        written = await self._documents.update_one(live, {"$set": {**change, "refresh_hash": grant.refresh_hash}})
        return bool(written.matched_count)

    async def revoke(self, grant_id: str, at: datetime) -> None:
        await self._documents.update_one({"_id": grant_id, "revoked_at": None}, {"$set": {"revoked_at": at}})

    async def of_account(self, account_id: str, now: datetime) -> list[Grant]:
        """Those that live."""
        found = self._documents.find({"account_id": account_id, "revoked_at": None, "expires_at": {"$gt": now}})
        return [_grant(one) async for one in found]

    # --- ends that sites are told of, by the database's clock --------------------------------------------------------

    async def end_sessions(self, session_ids: Sequence[str], account_id: str = "") -> None:
        """Sign-ins ended: their sites are told, and keep only what they were given for without the person."""
        if session_ids:
            owner = {"account_id": account_id} if account_id else {}
            mine: Document = {"session_id": {"$in": list(session_ids)}, **owner}
            await self._revoke({**mine, "scopes": {"$ne": OFFLINE}})
            await self._tell(mine)

    async def revoke_account(self, account_id: str, *, client_id: str = "", but: str = "") -> None:
        """Everywhere, at one site, or but for one session: no token serves any more, and the sites are told."""
        asked: Document = {"account_id": account_id, "session_id": {"$ne": but}}
        if client_id:
            asked["client_id"] = client_id
        await self._revoke(asked)
        await self._tell(asked)

    async def _revoke(self, asked: Document) -> None:
        await self._documents.update_many({**asked, "revoked_at": None}, [{"$set": {"revoked_at": "$$NOW"}}])

    async def _tell(self, asked: Document) -> None:
        later = {"$add": ["$$NOW", int(TOLD_WITHIN.total_seconds() * 1000)]}
        change = {"logout_due_at": AT_ONCE, "logout_tries": 0, "forget_at": {"$max": ["$forget_at", later]}}
        await self._documents.update_many({**asked, "logout_due_at": {"$exists": False}}, [{"$set": change}])

    async def next_logout(self, now: datetime) -> LogoutDue | None:
        """One that is due; it is nobody else's for a minute, should this process not get to it."""
        found = await self._documents.find_one_and_update(
            {"logout_due_at": {"$lte": now}},
            {"$set": {"logout_due_at": now + CLAIMED_FOR}, "$inc": {"logout_tries": 1}},
            sort=[("logout_due_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return None
        return LogoutDue(
            grant_id=found["_id"],
            client_id=found["client_id"],
            account_id=found["account_id"],
            session_id=found["session_id"],
            tries=found["logout_tries"],
        )

    async def put_off_logout(self, grant_id: str, until: datetime) -> None:
        await self._documents.update_one({"_id": grant_id}, {"$set": {"logout_due_at": until}})

    async def logout_done(self, grant_id: str) -> None:
        """Told, or given up."""
        await self._documents.update_one({"_id": grant_id}, {"$set": {"logout_due_at": None}})


def _document(one: Code | Grant) -> Document:
    fields = asdict(one)
    return {"_id": fields.pop("id"), **fields, "scopes": sorted(one.scopes), "methods": list(one.methods)}


def _fields(found: Document) -> dict[str, Any]:
    fields = {name: value for name, value in found.items() if name != "_id"}
    return {**fields, "id": found["_id"], "scopes": frozenset(found["scopes"]), "methods": tuple(found["methods"])}


def _grant(found: Document) -> Grant:
    fields = _fields(found)
    for name in ("forget_at", "logout_due_at", "logout_tries"):
        fields.pop(name, None)
    return Grant(**fields)

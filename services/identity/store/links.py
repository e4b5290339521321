"""Links as documents: the token only as a hash, and MongoDB forgets them after their end."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from pymongo import IndexModel

from services.identity.domain.links import LIVES, Link
from services.identity.store.writes import Write, write_all
from shared.contracts import Event
from shared.mongo import CollectionSchema, Database, Document

LINKS = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("expires_at", 1)], name="forget", expireAfterSeconds=0),
        IndexModel([("account_id", 1), ("kind", 1)], name="account"),
    ],
    validator={
        "bsonType": "object",
        "required": ["kind", "email", "account_id", "facts", "expires_at", "used_at"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
            "kind": {"enum": list(LIVES)},
            "account_id": {"bsonType": "string"},
            "facts": {"bsonType": "object"},
            "expires_at": {"bsonType": "date"},
            "used_at": {"bsonType": ["date", "null"]},
        },
    },
)
SHOWN = {"outbox": 0, "version": 0, "used_at": 0}


class LinkStore:
    """Links belong to no town: they are found by the hash of their token, or by their account."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["links"]
        self._wake = wake

    async def add(self, link: Link, events: Sequence[Event], at: datetime) -> None:
        fields = asdict(link)
        write = Write(
            id=fields.pop("id"),
            version=0,
            fields={**fields, "facts": dict(link.facts), "used_at": None},
            municipality_id="",
            at=at,
            events=events,
        )
        await write_all(self._documents, [write])
        self._wake("links")

    async def find(self, link_id: str, kind: str) -> Link | None:
        return _link(await self._documents.find_one({"_id": link_id, "kind": kind, "used_at": None}, SHOWN))

    async def take(self, link_id: str, kind: str) -> Link | None:
        """None when it was taken before. What it carried is forgotten; the mark stays until its end."""
        asked = {"_id": link_id, "kind": kind, "used_at": None}
        used = {"$currentDate": {"used_at": True}, "$set": {"facts": {}}}
        return _link(await self._documents.find_one_and_update(asked, used, SHOWN))

    async def forget(self, account_id: str, kinds: Sequence[str]) -> None:
        """Kept until their end, so that a letter not sent yet still is."""
        asked = {"account_id": account_id, "kind": {"$in": list(kinds)}, "used_at": None}
        await self._documents.update_many(asked, {"$currentDate": {"used_at": True}, "$set": {"facts": {}}})


def _link(found: Document | None) -> Link | None:
    return Link(id=found.pop("_id"), **found) if found else None

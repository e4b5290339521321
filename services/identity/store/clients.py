"""Clients as documents."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from pymongo import IndexModel

from services.identity.domain.clients import PARTNER, Client, Secret
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document

CLIENTS = CollectionSchema(
    tells=True,
    indexes=[IndexModel([("municipality_ids", 1), ("kind", 1), ("_id", 1)], name="town")],
    validator={
        "bsonType": "object",
        "required": ["name", "kind", "municipality_ids", "scopes", "redirect_uris", "secrets", "created_at", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^[a-z0-9][a-z0-9_-]{1,79}$"},
            "kind": {"enum": ["site", "partner"]},
            "municipality_ids": {"bsonType": "array", "items": {"bsonType": "string"}},
            "scopes": {"bsonType": "array", "items": {"bsonType": "string"}},
            "redirect_uris": {"bsonType": "array", "items": {"bsonType": "string"}},
            "secrets": {
                "bsonType": "array",
                "items": {
                    "bsonType": "object",
                    "required": ["id", "hash", "created_at", "expires_at"],
                    "properties": {"hash": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"}},
                },
            },
            "revoked_at": {"bsonType": ["date", "null"]},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}
USE_NOTED_EVERY = timedelta(minutes=1)
SETS = ("municipality_ids", "scopes")
TUPLES = ("redirect_uris", "post_logout_redirect_uris")


class ClientStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["clients"]
        self._wake = wake

    async def find(self, client_id: str) -> Client | None:
        """Sites and partners, also revoked ones: `active` says so."""
        found = await self._documents.find_one({"_id": client_id}, SHOWN)
        return _client(found) if found else None

    async def get_partner(self, client_id: str, municipality_ids: frozenset[str]) -> Client:
        """Raises `NotFound` when there is none in these towns, or it was revoked."""
        asked = {"_id": client_id, **_partners_of(municipality_ids)}
        found = await self._documents.find_one(asked, SHOWN)
        if found is None:
            raise NotFound()
        return _client(found)

    async def partners(self, municipality_id: str) -> list[Client]:
        """Those that are not revoked, oldest first."""
        found = self._documents.find(_partners_of(frozenset({municipality_id})), SHOWN, sort=[("_id", 1)])
        return [_client(one) async for one in found]

    async def save(self, client: Client, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""
        towns = sorted(client.municipality_ids)
        write = Write(
            id=client.id,
            version=client.version,
            fields=_fields(client),
            municipality_id=towns[0] if towns else "",
            at=at,
            events=events,
            scope={"municipality_ids": towns} if client.kind == PARTNER else {},
        )
        try:
            await write_all(self._documents, [write])
        except Duplicate:
            raise Conflict() from None
        self._wake("clients")

    async def note_use(self, client_id: str, at: datetime) -> None:
        """One write a minute at most, whatever the traffic."""
        due = {"$or": [{"last_used_at": None}, {"last_used_at": {"$lte": at - USE_NOTED_EVERY}}]}
        await self._documents.update_one({"_id": client_id, **due}, {"$set": {"last_used_at": at}})


def _partners_of(municipality_ids: frozenset[str]) -> Document:
    return {"municipality_ids": {"$in": sorted(municipality_ids)}, "kind": PARTNER, "revoked_at": None}


def _fields(client: Client) -> Document:
    """`last_used_at` is written by `note_use` alone: a save must not take it back."""
    fields = asdict(client)
    for name in ("id", "version", "last_used_at"):
        del fields[name]
    return {**fields, **{name: sorted(fields[name]) for name in SETS}}


def _client(found: Document) -> Client:
    fields = {name: value for name, value in found.items() if name not in ("_id", "outbox", "secrets")}
    fields |= {name: frozenset(fields[name]) for name in SETS} | {name: tuple(fields[name]) for name in TUPLES}
    return Client(id=found["_id"], secrets=tuple(Secret(**one) for one in found["secrets"]), **fields)

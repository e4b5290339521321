"""Links with FranceConnect identities, browsers on their way there, and those who came back unknown."""

from dataclasses import asdict
from datetime import datetime

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.identity.domain.federations import Departure, Federation, PivotIdentity, Stranger
from shared.mongo import CollectionSchema, Database, Document

FORGET = IndexModel([("expires_at", 1)], name="forget", expireAfterSeconds=0)
HASH = {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"}
FEDERATED_IDENTITIES = CollectionSchema(
    indexes=[
        # One person, one identity at each provider.
        IndexModel([("account_id", 1), ("issuer", 1)], name="account", unique=True),
        IndexModel([("federation_id", 1)], name="federation", unique=True),
    ],
    validator={
        "bsonType": "object",
        "required": ["federation_id", "issuer", "account_id", "linked_at"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": r"^https?://[^|]+\|.+$"},
            "federation_id": {"bsonType": "string", "pattern": "^fed_[0-9a-f]{32}$"},
            "account_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "linked_at": {"bsonType": "date"},
        },
    },
)
FRANCECONNECT_DEPARTURES = CollectionSchema(
    indexes=[FORGET],
    validator={
        "bsonType": "object",
        "required": ["browser", "nonce", "verifier", "expires_at"],
        "properties": {"_id": HASH, "browser": HASH, "expires_at": {"bsonType": "date"}},
    },
)
FRANCECONNECT_STRANGERS = CollectionSchema(
    indexes=[FORGET],
    validator={
        "bsonType": "object",
        "required": ["identity", "expires_at"],
        "properties": {"_id": HASH, "expires_at": {"bsonType": "date"}},
    },
)


class FederationStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["federated_identities"]

    async def find(self, issuer: str, sub: str) -> Federation | None:
        found = await self._documents.find_one({"_id": _key(issuer, sub)})
        return _federation(found) if found else None

    async def of_account(self, account_id: str) -> list[Federation]:
        return [_federation(found) async for found in self._documents.find({"account_id": account_id})]

    async def add(self, federation: Federation) -> bool:
        """False when the identity or the account has a link already."""
        try:
            await self._documents.insert_one(
                {
                    "_id": _key(federation.issuer, federation.sub),
                    "federation_id": federation.id,
                    "issuer": federation.issuer,
                    "account_id": federation.account_id,
                    "linked_at": federation.linked_at,
                    "last_used_at": federation.last_used_at,
                }
            )
        except DuplicateKeyError:
            return False
        return True

    async def remove(self, federation_id: str, account_id: str) -> bool:
        """Whether the account had it."""
        removed = await self._documents.delete_one({"federation_id": federation_id, "account_id": account_id})
        return bool(removed.deleted_count)

    async def forget_account(self, account_id: str) -> None:
        """For an account that is closed or erased."""
        await self._documents.delete_many({"account_id": account_id})

    async def note_use(self, federation: Federation, at: datetime) -> None:
        asked = {"_id": _key(federation.issuer, federation.sub), "account_id": federation.account_id}
        await self._documents.update_one(asked, {"$set": {"last_used_at": at}})


class DepartureStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["franceconnect_departures"]

    async def add(self, departure: Departure) -> None:
        fields = asdict(departure)
        await self._documents.insert_one({"_id": fields.pop("id"), **fields})

    async def take(self, departure_id: str, browser: str, now: datetime) -> Departure | None:
        """Once, and only in the browser it was given to."""
        asked = {"_id": departure_id, "browser": browser, "expires_at": {"$gt": now}}
        found = await self._documents.find_one_and_delete(asked)
        return Departure(id=found.pop("_id"), **found) if found else None


class StrangerStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["franceconnect_strangers"]

    async def add(self, stranger: Stranger) -> None:
        fields = asdict(stranger)
        await self._documents.insert_one({"_id": fields.pop("id"), **fields})

    async def find(self, stranger_id: str, now: datetime) -> Stranger | None:
        found = await self._documents.find_one({"_id": stranger_id, "expires_at": {"$gt": now}})
        if found is None:
            return None
        identity = PivotIdentity(**found.pop("identity"))
        return Stranger(id=found.pop("_id"), identity=identity, **found)

    async def forget(self, stranger_id: str) -> None:
        await self._documents.delete_one({"_id": stranger_id})


def _key(issuer: str, sub: str) -> str:
    return f"{issuer}|{sub}"


def _federation(found: Document) -> Federation:
    return Federation(
        id=found["federation_id"],
        issuer=found["issuer"],
        sub=found["_id"].removeprefix(f"{found['issuer']}|"),
        account_id=found["account_id"],
        linked_at=found["linked_at"],
        last_used_at=found["last_used_at"],
    )

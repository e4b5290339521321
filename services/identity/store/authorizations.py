"""Authorization requests while their person signs in or decides, and the consents given, as documents."""

from datetime import datetime

from pymongo import IndexModel

from services.identity.domain.authorizations import KEPT_FOR, Asked, Consent
from services.identity.domain.sessions import secret_hash
from shared.mongo import CollectionSchema, Database, Document

AUTHORIZATIONS = CollectionSchema(
    indexes=[IndexModel([("expires_at", 1)], name="forget", expireAfterSeconds=0)],
    validator={
        "bsonType": "object",
        "required": ["params", "at", "expires_at"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
            "params": {"bsonType": "array"},
            "at": {"bsonType": "date"},
            "expires_at": {"bsonType": "date"},
        },
    },
)
SITE_CONSENTS = CollectionSchema(
    indexes=[IndexModel([("account_id", 1), ("client_id", 1)], name="site", unique=True)],
    validator={
        "bsonType": "object",
        "required": ["account_id", "client_id", "scopes", "given_at"],
        "properties": {
            "account_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "client_id": {"bsonType": "string"},
            "scopes": {"bsonType": "array", "items": {"bsonType": "string"}},
            "given_at": {"bsonType": "date"},
        },
    },
)


class AuthorizationStore:
    """`handle`: the random name of a request in the addresses of our pages; only its hash is kept."""

    def __init__(self, db: Database) -> None:
        self._documents = db["authorizations"]

    async def keep(self, handle: str, asked: Asked) -> None:
        # As pairs: a parameter may have any name, a field not.
        params = [[name, value] for name, value in asked.params.items()]
        await self._documents.insert_one(
            {"_id": secret_hash(handle), "params": params, "at": asked.at, "expires_at": asked.at + KEPT_FOR}
        )

    async def find(self, handle: str, now: datetime) -> Asked | None:
        found = await self._documents.find_one({"_id": secret_hash(handle), "expires_at": {"$gt": now}})
        return Asked(params=dict(found["params"]), at=found["at"]) if found else None

    async def forget(self, handle: str) -> bool:
        """Whether it was still there: it is answered once."""
        gone = await self._documents.delete_one({"_id": secret_hash(handle)})
        return bool(gone.deleted_count)


class SiteConsentStore:
    """Every question is one account's."""

    def __init__(self, db: Database) -> None:
        self._documents = db["site_consents"]

    async def find(self, account_id: str, client_id: str) -> Consent | None:
        found = await self._documents.find_one({"account_id": account_id, "client_id": client_id})
        return _consent(found) if found else None

    async def of_account(self, account_id: str) -> list[Consent]:
        """Newest first."""
        found = self._documents.find({"account_id": account_id}, sort=[("given_at", -1), ("client_id", 1)])
        return [_consent(one) async for one in found]

    async def give(self, consent: Consent) -> None:
        """Adds to what was agreed to before."""
        change = {
            "$set": {"given_at": consent.given_at},
            "$addToSet": {"scopes": {"$each": sorted(consent.scopes)}},
        }
        key = {"account_id": consent.account_id, "client_id": consent.client_id}
        await self._documents.update_one(key, change, upsert=True)

    async def withdraw(self, account_id: str, client_id: str) -> bool:
        """Whether there was one."""
        gone = await self._documents.delete_one({"account_id": account_id, "client_id": client_id})
        return bool(gone.deleted_count)

    async def forget(self, account_id: str) -> None:
        await self._documents.delete_many({"account_id": account_id})


def _consent(found: Document) -> Consent:
    return Consent(
        account_id=found["account_id"],
        client_id=found["client_id"],
        scopes=frozenset(found["scopes"]),
        given_at=found["given_at"],
    )

"""Second factors as documents, one per account; what identity warns of travels in their outbox."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.domain.factors import App, Factors, Passkey
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict
from shared.mongo import CollectionSchema, Database, Document

SEALED_APP = {
    "bsonType": ["object", "null"],
    "required": ["secret", "added_at", "last_step"],
    "properties": {"secret": {"bsonType": "binData"}, "added_at": {"bsonType": "date"}},
}
FACTORS = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel(
            [("passkeys.id", 1)],
            name="passkey",
            unique=True,
            partialFilterExpression={"passkeys.id": {"$exists": True}},
        )
    ],
    validator={
        "bsonType": "object",
        "required": ["app", "pending", "recovery_codes", "passkeys", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "app": SEALED_APP,
            "pending": SEALED_APP,
            "recovery_codes": {
                "bsonType": "array",
                "maxItems": 10,
                "items": {"bsonType": "string", "pattern": "^[0-9a-f]{64}$"},
            },
            "passkeys": {"bsonType": "array", "maxItems": 10},
        },
    },
)
SHOWN = {"outbox": 0}


class FactorStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["factors"]
        self._wake = wake

    async def of(self, account_id: str) -> Factors:
        """Without any when the account has none."""
        found = await self._documents.find_one({"_id": account_id}, SHOWN)
        return _factors(found) if found else Factors(account_id=account_id)

    async def by_passkey(self, credential_id: str) -> Factors | None:
        found = await self._documents.find_one({"passkeys.id": credential_id}, SHOWN)
        return _factors(found) if found else None

    async def has_any(self, account_id: str) -> bool:
        return (await self.of(account_id)).enrolled

    async def save(self, factors: Factors, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""
        write = Write(
            id=factors.account_id,
            version=factors.version,
            fields=_fields(factors),
            municipality_id="",
            at=at,
            events=events,
        )
        try:
            await write_all(self._documents, [write])
        except Duplicate:
            raise Conflict() from None
        self._wake("factors")

    async def forget_account(self, account_id: str) -> None:
        """For an account that closed."""
        await self._documents.delete_one({"_id": account_id})

    async def use_step(self, account_id: str, step: int) -> bool:
        """Whether the code of these 30 seconds, and of none since, had not served yet."""
        asked = {"_id": account_id, "app.last_step": {"$lt": step}}
        written = await self._documents.update_one(asked, {"$set": {"app.last_step": step}, "$inc": {"version": 1}})
        return bool(written.modified_count)

    async def use_passkey(self, account_id: str, former: Passkey, sign_count: int, at: datetime) -> bool:
        """False when it was used or removed meanwhile."""
        kept = {"id": former.id, "sign_count": former.sign_count}
        written = await self._documents.update_one(
            {"_id": account_id, "passkeys": {"$elemMatch": kept}},
            {"$set": {"passkeys.$.sign_count": sign_count, "passkeys.$.used_at": at}, "$inc": {"version": 1}},
        )
        return bool(written.modified_count)


def _fields(factors: Factors) -> Document:
    return {
        "app": _app_fields(factors.app),
        "pending": _app_fields(factors.pending),
        "recovery_codes": sorted(factors.recovery_codes),
        "passkeys": [_passkey_fields(one) for one in factors.passkeys],
    }


def _app_fields(app: App | None) -> Document | None:
    return asdict(app) if app else None


def _passkey_fields(passkey: Passkey) -> Document:
    return {**asdict(passkey), "transports": list(passkey.transports)}


def _factors(found: Document) -> Factors:
    return Factors(
        account_id=found["_id"],
        app=_app(found["app"]),
        pending=_app(found["pending"]),
        recovery_codes=frozenset(found["recovery_codes"]),
        passkeys=tuple(_passkey(one) for one in found["passkeys"]),
        version=found["version"],
    )


def _app(found: Document | None) -> App | None:
    return App(**found) if found else None


def _passkey(found: dict[str, Any]) -> Passkey:
    return Passkey(**{**found, "transports": tuple(found["transports"])})

"""Accounts as documents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.domain.accounts import Account, Activation
from services.identity.domain.imports import AgentChange
from services.identity.domain.invitations import Invitation
from services.identity.store.invitations import INVITATION, invitation_fields
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict
from shared.mongo import CollectionSchema, Database, Document

ACCOUNTS = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("email", 1)], name="email", unique=True),
        IndexModel(
            [("activations.invitation.code_hash", 1)],
            name="code",
            unique=True,
            partialFilterExpression={"activations.invitation.code_hash": {"$exists": True}},
        ),
    ],
    validator={
        "bsonType": "object",
        "required": ["email", "password_hash", "household_id", "roles", "activations", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "email": {"bsonType": "string", "minLength": 3},
            "password_hash": {"bsonType": "string", "pattern": r"^(\$argon2id\$.+)?$"},
            "household_id": {"bsonType": "string", "pattern": "^(hsh_[0-9a-f]{32})?$"},
            "roles": {"bsonType": "object", "additionalProperties": {"bsonType": "array"}},
            "activations": {
                "bsonType": "array",
                "items": {"bsonType": "object", "properties": {"invitation": INVITATION}},
            },
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)
SHOWN = {"outbox": 0}


class AccountStore:
    """Accounts belong to no town: they are found by their own id, address or code."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["accounts"]
        self._wake = wake

    async def by_id(self, account_id: str) -> Account | None:
        return await self._one({"_id": account_id})

    async def by_email(self, email: str) -> Account | None:
        return await self._one({"email": email})

    async def by_code(self, hashed: str) -> Account | None:
        return await self._one({"activations.invitation.code_hash": hashed})

    async def by_emails(self, emails: Sequence[str]) -> dict[str, Account]:
        found = await self._documents.find({"email": {"$in": list(emails)}}, SHOWN).to_list(None)
        return {one["email"]: _account(one) for one in found}

    async def rehash(self, account_id: str, former: str, password_hash: str) -> None:
        """Keep the same password under today's parameters, unless it changed meanwhile."""
        asked = {"_id": account_id, "password_hash": former}
        await self._documents.update_one(asked, {"$set": {"password_hash": password_hash}})

    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None:
        """Raises `Conflict`."""
        writes = (account_write(change.account, municipality_id, at, change.events) for change in changes)
        try:
            await write_all(self._documents, writes)
        except Duplicate:
            raise Conflict() from None
        finally:
            self._wake("accounts")

    async def _one(self, asked: Mapping[str, Any]) -> Account | None:
        found = await self._documents.find_one(asked, SHOWN)
        return _account(found) if found else None


def account_write(account: Account, municipality_id: str, at: datetime, events: Sequence[Event]) -> Write:
    return Write(
        id=account.id,
        version=account.version,
        fields=_fields(account),
        municipality_id=municipality_id,
        at=at,
        events=events,
    )


def _fields(account: Account) -> Document:
    return {
        "email": account.email,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "password_hash": account.password_hash,
        "household_id": account.household_id,
        "roles": {town: sorted(names) for town, names in account.roles.items()},
        "activations": [
            {"municipality_id": one.municipality_id, "invitation": invitation_fields(one.invitation)}
            for one in account.activations
        ],
    }


def _account(found: Document) -> Account:
    return Account(
        id=found["_id"],
        email=found["email"],
        first_name=found["first_name"],
        last_name=found["last_name"],
        password_hash=found["password_hash"],
        household_id=found["household_id"],
        roles={town: frozenset(names) for town, names in found["roles"].items()},
        activations=tuple(
            Activation(municipality_id=one["municipality_id"], invitation=Invitation(**one["invitation"]))
            for one in found["activations"]
        ),
        version=found["version"],
    )

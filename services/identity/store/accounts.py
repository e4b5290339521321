"""Accounts as documents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.identity.domain.accounts import CHANNELS, LANGUAGES, Account, AccountExists, Activation
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
        # Agents by town: `roles` has a field for each.
        IndexModel([("roles.$**", 1)], name="roles"),
        IndexModel([("programme_roles.programme_id", 1)], name="programme_roles"),
        IndexModel([("household_id", 1)], name="household", partialFilterExpression={"household_id": {"$gt": ""}}),
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
            "guardian_id": {"bsonType": "string", "pattern": "^(grd_[0-9a-f]{32})?$"},
            "language": {"enum": list(LANGUAGES)},
            "channels": {"bsonType": "array", "items": {"enum": list(CHANNELS)}},
            "programme_roles": {"bsonType": "array", "items": {"required": ["programme_id", "roles"]}},
            "closed_at": {"bsonType": ["date", "null"]},
            "last_signed_in_at": {"bsonType": ["date", "null"]},
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
        """None also when it was closed."""
        return await self._one({"_id": account_id, "closed_at": None})

    async def by_email(self, email: str) -> Account | None:
        return await self._one({"email": email})

    async def by_code(self, hashed: str) -> Account | None:
        return await self._one({"activations.invitation.code_hash": hashed})

    async def by_emails(self, emails: Sequence[str]) -> dict[str, Account]:
        found = await self._documents.find({"email": {"$in": list(emails)}}, SHOWN).to_list(None)
        return {one["email"]: account_of(one) for one in found}

    async def of_household(self, household_id: str) -> list[Account]:
        """The log-ins of its guardians."""
        found = await self._documents.find({"household_id": household_id}, SHOWN).to_list(None)
        return [account_of(one) for one in found]

    async def save(self, account: Account, events: Sequence[Event], at: datetime) -> None:
        """One account, of no town in particular. Raises `Conflict`, `AccountExists` when its address is taken."""
        try:
            await write_all(self._documents, [account_write(account, "", at, events)])
        except Duplicate:
            raise AccountExists() from None
        self._wake("accounts")

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
        return account_of(found) if found else None


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
        "guardian_id": account.guardian_id,
        "language": account.language,
        "phone": account.phone,
        "secondary_email": account.secondary_email,
        "channels": list(account.channels),
        # A programme's id has a dot, which a field name must not have.
        "programme_roles": [
            {"programme_id": programme_id, "roles": sorted(names)}
            for programme_id, names in account.programme_roles.items()
        ],
        "closed_at": account.closed_at,
    }


def account_of(found: Document) -> Account:
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
        **_later_fields(found),
    )


def _later_fields(found: Document) -> Document:
    """Those that accounts kept before they existed do not have."""
    plain = ("guardian_id", "language", "phone", "secondary_email", "closed_at", "last_signed_in_at")
    fields = {name: found[name] for name in plain if name in found}
    if "channels" in found:
        fields["channels"] = tuple(found["channels"])
    if "programme_roles" in found:
        fields["programme_roles"] = {one["programme_id"]: frozenset(one["roles"]) for one in found["programme_roles"]}
    return fields

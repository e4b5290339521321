"""The agents of each town among the accounts; their roles change one at a time, so that a manager always stays."""

from collections.abc import Callable
from datetime import datetime

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.agents import Staff
from services.identity.domain.imports import AgentChange
from services.identity.domain.roles import MANAGER
from services.identity.store.accounts import SHOWN, account_of, account_write
from services.identity.store.together import write_together
from services.identity.store.writes import Write
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document

STAFFS = CollectionSchema(
    validator={
        "bsonType": "object",
        "required": ["version"],
        "properties": {"version": {"bsonType": ["int", "long"], "minimum": 1}},
    },
)
MOST_AGENTS = 2_000


class AgentStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._db = db
        self._accounts = db["accounts"]
        self._staffs = db["staffs"]
        self._wake = wake

    async def of_town(self, municipality_id: str) -> list[Account]:
        """By name."""
        found = await self._accounts.find(_works_for(municipality_id), SHOWN, limit=MOST_AGENTS).to_list(MOST_AGENTS)
        return sorted(map(account_of, found), key=lambda one: (one.last_name, one.first_name, one.id))

    async def get(self, account_id: str, municipality_id: str) -> Account:
        """Raises `NotFound` for whoever is no agent of this town."""
        found = await self._accounts.find_one({"_id": account_id, **_works_for(municipality_id)}, SHOWN)
        if found is None:
            raise NotFound()
        return account_of(found)

    async def by_email(self, email: str) -> Account | None:
        found = await self._accounts.find_one({"email": email}, SHOWN)
        return account_of(found) if found else None

    async def staff(self, municipality_id: str) -> Staff:
        # The version first: a change that comes in between makes `save` refuse.
        known = await self._staffs.find_one({"_id": municipality_id})
        asked = {f"roles.{municipality_id}": MANAGER, "password_hash": {"$ne": ""}}
        managers = [account_of(one) async for one in self._accounts.find(asked, SHOWN)]
        return Staff(municipality_id, tuple(managers), known["version"] if known else 0)

    async def save(self, change: AgentChange, staff: Staff, at: datetime) -> None:
        """Raises `Conflict` when the account or the town's staff changed meanwhile."""
        guard = Write(
            id=staff.municipality_id,
            version=staff.version,
            fields={"changed_at": at},
            municipality_id=staff.municipality_id,
            at=at,
        )
        write = account_write(change.account, staff.municipality_id, at, change.events)
        try:
            await write_together(self._db, [("staffs", guard, Conflict), ("accounts", write, AccountExists)])
        except AccountExists:
            # Somebody made an account with this address at this very moment.
            raise Conflict() from None
        self._wake("accounts")


def _works_for(municipality_id: str) -> Document:
    in_programmes = {"$gte": f"{municipality_id}.", "$lt": f"{municipality_id}/"}
    return {
        "$or": [
            {f"roles.{municipality_id}": {"$exists": True}},
            {"programme_roles.programme_id": in_programmes},
        ]
    }

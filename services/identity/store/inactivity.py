"""Households without a sign-in, and the notices they got."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime
from typing import Any

from services.identity.domain.inactivity import Notice, Silent, last_seen
from services.identity.store.accounts import account_of
from shared.contracts import Event
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database

INACTIVITY = CollectionSchema(
    tells=True, validator={"bsonType": "object", "required": ["noticed_at", "erased_on", "version"]}
)


class InactivityStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._accounts, self._households, self._notices = db["accounts"], db["households"], db["inactivity"]
        self._erasures = db["erasures"]
        self._wake = wake

    async def silent(self, since: datetime) -> AsyncIterator[Silent]:
        """Households with nobody seen after that instant, none of them an agent, and not being erased."""
        steps: list[dict[str, Any]] = [
            {"$lookup": {"from": "accounts", "localField": "_id", "foreignField": "household_id", "as": "owners"}},
            {"$match": {"owners": {"$not": {"$elemMatch": {"last_signed_in_at": {"$gte": since}}}}}},
            {"$project": {"owners": {"outbox": 0}}},
        ]
        async for found in self._households.aggregate(steps):
            accounts = tuple(account_of(one) for one in found["owners"])
            seen = last_seen(found["_id"], accounts)
            if seen >= since or any(account.is_agent for account in accounts):
                continue
            if await self._erasures.find_one({"household_id": found["_id"]}, {"_id": 1}):
                continue
            towns = [one["municipality_id"] for one in found["adhesions"]]
            yield Silent(
                household_id=found["_id"],
                municipality_id=next(iter(towns), ""),
                accounts=accounts,
                last_seen_at=seen,
            )

    async def notice(self, household_id: str) -> Notice | None:
        found = await self._notices.find_one({"_id": household_id})
        if found is None:
            return None
        return Notice(
            household_id=household_id,
            noticed_at=found["noticed_at"],
            erased_on=date.fromisoformat(found["erased_on"]),
        )

    async def tell(self, notice: Notice, events: Sequence[Event], municipality_id: str) -> None:
        """Kept and told in one write."""
        found = await self._notices.find_one({"_id": notice.household_id}, {"version": 1})
        version = found["version"] + 1 if found else 1
        outbox: list[dict[str, str]] = []
        for event in events:
            subject = str(getattr(event, "account_id", notice.household_id))
            outbox += pack(
                [event], subject=subject, sequence=version, municipality_id=municipality_id, at=notice.noticed_at
            )
        state = {"noticed_at": notice.noticed_at, "erased_on": notice.erased_on.isoformat(), "version": version}
        change = {"$set": state, "$push": {"outbox": {"$each": outbox}}}
        await self._notices.update_one({"_id": notice.household_id}, change, upsert=True)
        self._wake("inactivity")

    async def forget_closed(self, before: datetime) -> int:
        """Accounts their owners closed: of them only a name was left."""
        return (await self._accounts.delete_many({"closed_at": {"$lt": before}})).deleted_count

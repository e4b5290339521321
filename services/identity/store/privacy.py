"""What identity holds of a household: itself, its guardians' accounts and all that hangs on them, the towns' files."""

from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from typing import Any

from services.identity.store.audit_trail import CIRCLES, with_circles
from services.identity.store.pickup import PhotoStore
from services.identity.store.sealing import Sealer
from shared.mongo import Database, Document
from shared.privacy import File, Receipt, counted
from shared.privacy.store import json_file

# Written by hand below, or kept: the record of what agents did and of erasures outlives whom it is about.
APART = frozenset({"accounts", "households", "family_files", "audit", "audit_trail", CIRCLES, "erasures", "clients"})
OF_ACCOUNT_BY_ID = ("factors", "devices")
"""One document per account, under its id."""
ACCOUNT = {
    "email": 1,
    "secondary_email": 1,
    "first_name": 1,
    "last_name": 1,
    "phone": 1,
    "language": 1,
    "channels": 1,
    "guardian_id": 1,
    "closed_at": 1,
    "last_signed_in_at": 1,
}
SESSION = {"opened_at": 1, "seen_at": 1, "expires_at": 1, "device": 1, "methods": 1}
HELD: Mapping[str, tuple[str, Document]] = {
    "sessions": ("sessions", SESSION),
    "franceconnect": ("federated_identities", {"issuer": 1, "linked_at": 1}),
    "second_factors": ("factors", {"passkeys.name": 1, "passkeys.added_at": 1, "passkeys.created_at": 1}),
    "devices": ("devices", {"devices": 1}),
    "sites_allowed": ("site_consents", {"client_id": 1, "scopes": 1, "given_at": 1}),
    "consents": ("privacy_consents", {"account_id": 0, "household_id": 0}),
    "exports": ("exports", {"asked_at": 1, "ready_at": 1}),
}
"""What hangs on an account and is told of it: facts about the person, never what proves who they are."""
OF_HOUSEHOLD = {
    "change_requests": "changes",
    "pickup_persons": "pickup_lists",
    "confirmations": "confirmations",
}
ACT = {"at": 1, "service": 1, "action": 1, "municipality_id": 1}


class IdentityHoldings:
    """`collections`: every collection of the service; whatever names an account or the household in one goes."""

    service = "identity"

    def __init__(self, db: Database, collections: Collection[str], sealer: Sealer) -> None:
        self._db, self._collections = db, sorted(set(collections) - APART)
        self._photos = PhotoStore(db, sealer)

    async def files(self, household_id: str) -> AsyncIterator[File]:
        accounts = await self._db["accounts"].find({"household_id": household_id}, ACCOUNT).to_list(None)
        ids = [account["_id"] for account in accounts]
        sections: dict[str, list[Document]] = {
            "household": await self._db["households"].find({"_id": household_id}).to_list(None),
            "accounts": accounts,
            "files_of_the_towns": await self._db["family_files"].find({"household_id": household_id}).to_list(None),
        }
        for section, (name, shown) in HELD.items():
            asked = {"$or": [{"account_id": {"$in": ids}}, {"_id": {"$in": ids}}]}
            sections[section] = await self._db[name].find(asked, shown).to_list(None)
        for section, name in OF_HOUSEHOLD.items():
            sections[section] = await self._db[name].find({"household_id": household_id}).to_list(None)
        plans = await self._db["custody"].find(_custody_of(household_id)).to_list(None)
        sections["custody_weeks"] = [_own_weeks(plan, household_id) for plan in plans]
        named = {"people": {"$in": await with_circles(self._db[CIRCLES], [household_id])}}
        acts = self._db["audit_trail"].find(named, ACT).sort("at", 1)
        sections["acts_of_agents"] = await acts.to_list(None)
        yield json_file("identity.json", sections)
        async for found in self._db["pickup_photos"].find({"household_id": household_id}, {"_id": 1}):
            if photo := await self._photos.get(household_id, found["_id"]):
                yield File(name=f"pickup/{found['_id']}.jpg", media_type="image/jpeg", content=photo)

    async def erase(self, household_id: str, _: datetime) -> Receipt:
        """Accounts of guardians go; one that is an agent's as well stays the agent's. The towns' files go with them:
        a town that still needs one sends it again.
        """
        accounts = self._db["accounts"]
        agents = {"household_id": household_id, "$or": [{"roles": {"$ne": {}}}, {"activations": {"$ne": []}}]}
        leaving = {"$set": {"household_id": "", "guardian_id": ""}, "$inc": {"version": 1}}
        await accounts.update_many(agents, leaving)
        ids = [one["_id"] async for one in accounts.find({"household_id": household_id}, {"_id": 1})]
        counts = {"household_records": await self._erase_linked(household_id, ids)}
        counts["child_references"] = await self._forget_references(household_id)
        counts["merges"] = await self._forget_merges(household_id)
        counts["custody_weeks"] = await self._delete("custody", _custody_of(household_id))
        counts["accounts"] = await self._delete("accounts", {"_id": {"$in": ids}})
        counts["family_files"] = await self._delete("family_files", {"household_id": household_id})
        counts["households"] = await self._delete("households", {"_id": household_id})
        return Receipt(erased=counted(counts))

    async def _erase_linked(self, household_id: str, account_ids: Collection[str]) -> int:
        """Before the accounts and the household: whoever takes over after a crash finds them by these."""
        ids: dict[str, Any] = {"$in": list(account_ids)}
        gone = 0
        for export in await self._db["exports"].distinct("_id", {"household_id": household_id}):
            gone += await self._delete("export_parts", {"export_id": export})
        for name in self._collections:
            gone += await self._delete(name, {"$or": [{"household_id": household_id}, {"account_id": ids}]})
        for name in OF_ACCOUNT_BY_ID:
            gone += await self._delete(name, {"_id": ids})
        return gone

    async def _forget_references(self, household_id: str) -> int:
        """Of children who live in no other household."""
        found = await self._db["households"].find_one({"_id": household_id}, {"children.id": 1}) or {}
        child_ids = [child["id"] for child in found.get("children", ())]
        elsewhere = {"_id": {"$ne": household_id}, "children.id": {"$in": child_ids}}
        shared = await self._db["households"].distinct("children.id", elsewhere)
        gone = sorted(set(child_ids) - set(shared))
        return await self._delete("child_references", {"child_id": {"$in": gone}})

    async def _forget_merges(self, household_id: str) -> int:
        """Snapshots of what it was before, and that somebody took its file for another's."""
        files = await self._db["family_files"].distinct("_id", {"household_id": household_id})
        await self._delete("duplicate_dismissals", {"files": {"$in": files}})
        names = {"kept_household_id": household_id}, {"merged_household_id": household_id}
        of_files = {"kept_file_id": {"$in": files}}, {"merged_file_id": {"$in": files}}
        return await self._delete("merges", {"$or": [*names, *of_files]})

    async def _delete(self, name: str, which: Document) -> int:
        return (await self._db[name].delete_many(which)).deleted_count


WEEKS = ("even_weeks", "odd_weeks")


def _custody_of(household_id: str) -> Document:
    places = (*WEEKS, "exceptions.household_id")
    return {"$or": [{f"plan.{place}": household_id} for place in places]}


def _own_weeks(found: Document, household_id: str) -> Document:
    """Which weeks are its own; the other household is nobody to this one."""

    def whose(one: str) -> str:
        return one if one == household_id else "other"

    plan = found["plan"]
    exceptions = [{**one, "household_id": whose(one["household_id"])} for one in plan["exceptions"]]
    return {**found, "plan": {**plan, **{week: whose(plan[week]) for week in WEEKS}, "exceptions": exceptions}}

"""How people want to be told, and the devices they want to be told on."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from typing import Any

from services.notifications.domain.devices import Device
from services.notifications.domain.preferences import Preferences
from services.notifications.domain.quiet import QuietHours
from shared.mongo import Database, Document
from shared.together import Together


class PreferenceStore:
    """One document per person who chose something; who never did has none."""

    def __init__(self, db: Database) -> None:
        self._documents = db["preferences"]
        self._together = Together(self._of_each)

    async def of(self, person_id: str, household_id: str) -> Preferences:
        """Of a guardian, in the household they are in now, or of an agent (`household_id` empty)."""
        found = await self._documents.find_one({"_id": person_id})
        if found is None:
            return Preferences(person_id=person_id, household_id=household_id)
        return replace(_preferences(found), household_id=household_id)

    async def of_households(self, household_ids: Sequence[str]) -> dict[str, dict[str, Preferences]]:
        """By household and guardian, of those who chose something; asked for with others' in one round trip."""
        found = await asyncio.gather(*(self._together(one) for one in household_ids))
        return {household_id: own for household_id, own in zip(household_ids, found, strict=True) if own}

    async def _of_each(self, household_ids: Sequence[str]) -> list[dict[str, Preferences]]:
        by_household: dict[str, dict[str, Preferences]] = {}
        async for one in self._documents.find({"household_id": {"$in": list(household_ids)}}):
            by_household.setdefault(one["household_id"], {})[one["_id"]] = _preferences(one)
        return [by_household.get(household_id, {}) for household_id in household_ids]

    async def replace(self, preferences: Preferences) -> bool:
        """False when somebody changed them meanwhile."""
        document = _document(preferences)
        if preferences.version == 1:
            done = await self._documents.update_one(
                {"_id": preferences.person_id}, {"$setOnInsert": _without_id(document)}, upsert=True
            )
            return done.upserted_id is not None
        before = {"_id": preferences.person_id, "version": preferences.version - 1}
        return (await self._documents.replace_one(before, document)).matched_count == 1

    async def forget_account(self, account_id: str) -> None:
        """Of an agent, whose choices go by the account."""
        await self._documents.delete_one({"_id": account_id})


class DeviceStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["devices"]

    async def keep(self, device: Device) -> None:
        """New, or what it says now."""
        document = _device_document(device)
        await self._documents.replace_one({"_id": device.id}, document, upsert=True)

    async def of_person(self, person_id: str) -> list[Device]:
        """Oldest first."""
        found = self._documents.find({"person_id": person_id}).sort([("added_at", 1), ("_id", 1)])
        return [_device(one) for one in await found.to_list(None)]

    async def of_households(self, household_ids: Sequence[str]) -> dict[str, list[Device]]:
        by_household: dict[str, list[Device]] = {}
        async for one in self._documents.find({"household_id": {"$in": list(household_ids)}}):
            by_household.setdefault(one["household_id"], []).append(_device(one))
        return by_household

    async def by_id(self, device_id: str) -> Device | None:
        """Whoever it belongs to: for the sender, which has its id from the plan."""
        found = await self._documents.find_one({"_id": device_id})
        return _device(found) if found else None

    async def forget_account(self, account_id: str) -> None:
        await self._documents.delete_many({"account_id": account_id})

    async def drop(self, device_id: str, person_id: str | None = None) -> bool:
        """Of that person only, when one is named."""
        wanted: dict[str, Any] = {"_id": device_id} | ({} if person_id is None else {"person_id": person_id})
        return (await self._documents.delete_one(wanted)).deleted_count == 1


def _document(preferences: Preferences) -> Document:
    quiet = preferences.quiet
    return {
        "_id": preferences.person_id,
        "household_id": preferences.household_id,
        "choices": {code: dict(ways) for code, ways in preferences.choices.items()},
        "digest_hour": preferences.digest_hour,
        "quiet": quiet and {"start": quiet.start.isoformat(), "end": quiet.end.isoformat()},
        "second_address": preferences.second_address,
        "version": preferences.version,
        "changed_at": preferences.changed_at,
    }


def _without_id(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "_id"}


def _preferences(found: Document) -> Preferences:
    quiet = found["quiet"]
    return Preferences(
        person_id=found["_id"],
        household_id=found["household_id"],
        choices=found["choices"],
        digest_hour=found["digest_hour"],
        quiet=quiet and QuietHours(start=time.fromisoformat(quiet["start"]), end=time.fromisoformat(quiet["end"])),
        second_address=found["second_address"],
        version=found["version"],
        changed_at=found["changed_at"],
    )


def _device_document(device: Device) -> Document:
    return {
        "_id": device.id,
        "person_id": device.person_id,
        "account_id": device.account_id,
        "household_id": device.household_id,
        "endpoint": device.endpoint,
        "p256dh": device.p256dh,
        "auth": device.auth,
        "label": device.label,
        "added_at": device.added_at,
    }


def _device(found: Document) -> Device:
    return Device(**{**_without_id(found), "id": found["_id"]})

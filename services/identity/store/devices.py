"""The devices of each account as one document; what its owner is warned of travels in the outbox."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.identity.domain.devices import Devices
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict
from shared.mongo import CollectionSchema, Database

DEVICES = CollectionSchema(
    tells=True,
    validator={
        "bsonType": "object",
        "required": ["devices", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^acc_[0-9a-f]{32}$"},
            "devices": {"bsonType": "array", "maxItems": 30},
        },
    },
)


class DeviceStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["devices"]
        self._wake = wake

    async def of(self, account_id: str) -> Devices:
        found = await self._documents.find_one({"_id": account_id}, {"outbox": 0})
        if found is None:
            return Devices(account_id=account_id)
        seen = {one["device"]: one["seen_at"] for one in found["devices"]}
        return Devices(account_id=account_id, seen=seen, version=found["version"])

    async def forget_account(self, account_id: str) -> None:
        """For an account that closed."""
        await self._documents.delete_one({"_id": account_id})

    async def save(self, devices: Devices, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""
        fields = {"devices": [{"device": device, "seen_at": seen} for device, seen in devices.seen.items()]}
        write = Write(
            id=devices.account_id, version=devices.version, fields=fields, municipality_id="", at=at, events=events
        )
        try:
            await write_all(self._documents, [write])
        except Duplicate:
            raise Conflict() from None
        if events:
            self._wake("devices")

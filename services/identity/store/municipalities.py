"""Towns as documents."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import get_args

from services.identity.domain.branding import Branding
from services.identity.domain.municipalities import Contact, Municipality, PublicHolidays
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict, NotFound
from shared.mongo import CollectionSchema, Database, Document

MUNICIPALITIES = CollectionSchema(
    tells=True,
    validator={
        "bsonType": "object",
        "required": ["name", "time_zone", "school_zone", "public_holidays", "contact", "opening_view", "version"],
        "properties": {
            "_id": {"bsonType": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
            "opening_view": {"enum": ["agenda", "period"]},
            "public_holidays": {"enum": list(get_args(PublicHolidays))},
            "contact": {"bsonType": "object", "required": ["email", "phone", "address"]},
            "version": {"bsonType": ["int", "long"], "minimum": 1},
        },
    },
)


class MunicipalityStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db["municipalities"]
        self._wake = wake

    async def find(self, municipality_id: str) -> Municipality | None:
        found = await self._documents.find_one({"_id": municipality_id}, {"outbox": 0})
        return _municipality(found) if found else None

    async def get(self, municipality_id: str) -> Municipality:
        """Raises `NotFound`."""
        found = await self.find(municipality_id)
        if found is None:
            raise NotFound()
        return found

    async def all(self) -> list[Municipality]:
        """By name."""
        return [_municipality(found) async for found in self._documents.find({}, {"outbox": 0}, sort=[("name", 1)])]

    async def some(self, municipality_ids: Sequence[str]) -> dict[str, Municipality]:
        found = self._documents.find({"_id": {"$in": list(municipality_ids)}}, {"outbox": 0})
        return {one["_id"]: _municipality(one) async for one in found}

    async def save(self, municipality: Municipality, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""
        fields = asdict(municipality)
        write = Write(
            id=fields.pop("id"),
            version=fields.pop("version"),
            fields=fields,
            municipality_id=municipality.id,
            at=at,
            events=events,
        )
        try:
            await write_all(self._documents, [write])
        except Duplicate:
            raise Conflict() from None
        self._wake("municipalities")


def _municipality(found: Document) -> Municipality:
    return Municipality(
        id=found["_id"],
        name=found["name"],
        insee=found["insee"],
        time_zone=found["time_zone"],
        school_zone=found["school_zone"],
        public_holidays=found["public_holidays"],
        contact=Contact(**found["contact"]),
        opening_view=found["opening_view"],
        services=tuple(found["services"]),
        version=found["version"],
        branding=Branding(**found.get("branding", {})),
        reconfirmation_month=found.get("reconfirmation_month"),
    )

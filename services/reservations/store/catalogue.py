"""A town's document: its settings, calendar, sites and programmes, with what it has to tell."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from services.reservations.domain.calendar import Period
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.editions import Edition
from services.reservations.domain.programmes import municipality_of
from services.reservations.domain.town import Town
from services.reservations.store import towns
from services.reservations.store.periods import periods_document, periods_of
from services.reservations.store.regulations import REGULATIONS_SCHEMA, publish
from shared.contracts.identity import MunicipalitySet
from shared.contracts.reservations import ProgrammePublished
from shared.contracts.school import CalendarChanged
from shared.errors import Conflict, NotFound
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

FRESH_SECONDS = 2.0
CalendarTold: TypeAlias = tuple[CalendarChanged, datetime]
"""What is told of the calendar, and when it was decided."""
CATALOGUE_SCHEMA: Mapping[str, CollectionSchema] = {
    "towns": CollectionSchema(
        validator={
            "bsonType": "object",
            "required": ["_id", "version"],
            "properties": {
                "version": {"bsonType": ["int", "long"], "minimum": 1},
                "settings": {"bsonType": "object", "required": ["name", "time_zone", "public_holidays", "contact"]},
                "settings_sequence": {"bsonType": ["int", "long"]},
                "periods": {"bsonType": "array"},
                "sites": {"bsonType": "array"},
                "programmes": {"bsonType": "array"},
            },
        },
        tells=True,
    ),
    "regulations": REGULATIONS_SCHEMA,
}


@dataclass(frozen=True, kw_only=True)
class Versioned:
    """What an import starts from; version 0 when the town has no document yet."""

    version: int
    catalogue: Catalogue
    periods: tuple[Period, ...]


@dataclass
class _Kept:
    town: Town
    version: int
    until: float


class CatalogueStore:
    """Towns, kept in memory and asked for again when 2 s old, so that a rule changed elsewhere counts within 2 s.

    `monotonic` measures that age, in seconds.
    """

    def __init__(
        self, db: Database, wake: Callable[[str], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = db.client
        self._towns = db["towns"]
        self._regulations = db["regulations"]
        self._wake = wake
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}
        self._reading = asyncio.Lock()

    async def town(self, municipality_id: str) -> Town:
        """Raises `NotFound` for a town that identity has not told of."""
        kept = self._kept.get(municipality_id)
        if kept is None or kept.until <= self._monotonic():
            kept = await self._read_again(municipality_id)
        return kept.town

    async def town_of_programme(self, programme_id: str) -> Town:
        """Raises `NotFound` for an unknown programme."""
        town = await self.town(municipality_of(programme_id))
        town.programme(programme_id)
        return town

    async def town_of_activity(self, activity_id: str) -> Town:
        """Raises `NotFound` for an unknown activity."""
        town = await self.town(municipality_of(activity_id))
        town.activity(activity_id)
        return town

    async def _read_again(self, municipality_id: str) -> _Kept:
        async with self._reading:
            kept = self._kept.get(municipality_id)
            if kept and kept.until > self._monotonic():
                return kept
            # An unchanged town answers nothing: it is neither sent nor built again.
            changed = {"_id": municipality_id, "version": {"$ne": kept.version if kept else 0}}
            found = await self._towns.find_one(changed, {"outbox": 0})
            until = self._monotonic() + FRESH_SECONDS
            if found and "settings" in found:
                kept = _Kept(towns.town_of(found), found["version"], until)
                self._kept[municipality_id] = kept
            if kept is None:
                raise NotFound()
            kept.until = until
            return kept

    async def versioned(self, municipality_id: str) -> Versioned:
        """The town as it is now, not as it was 2 s ago; empty before its first import."""
        found = await self._towns.find_one({"_id": municipality_id}, {"outbox": 0}) or {"version": 0}
        return Versioned(version=found["version"], catalogue=towns.catalogue_of(found), periods=periods_of(found))

    async def replace_catalogue(
        self,
        municipality_id: str,
        version: int,
        catalogue: Catalogue,
        events: Sequence[ProgrammePublished],
        at: datetime,
        editions: Sequence[Edition] = (),
    ) -> None:
        """`version` is the one decided upon; `editions` are the regulations published with it, kept together with the
        town or not at all. Raises `Conflict` when the town, or a draft, changed meanwhile.
        """
        told: list[dict[str, str]] = []
        for event in events:
            told += pack(
                [event], subject=event.programme_id, sequence=version + 1, municipality_id=municipality_id, at=at
            )
        parts = towns.catalogue_document(catalogue)
        if editions:
            await self._write_with(editions, municipality_id, version, parts, told, at)
            self._wake("regulations")
        else:
            await self._write(municipality_id, version, parts, told)
        self._wake("towns")

    async def _write_with(
        self,
        editions: Sequence[Edition],
        municipality_id: str,
        version: int,
        parts: Document,
        told: list[dict[str, str]],
        at: datetime,
    ) -> None:
        try:
            async with (
                await self._client.start_session() as session,
                session.start_transaction(
                    read_concern=ReadConcern("majority"), write_concern=WriteConcern(w="majority", wtimeout=5_000)
                ),
            ):
                await self._write(municipality_id, version, parts, told, session)
                await publish(self._regulations, editions, at, session)
        except PyMongoError as error:
            # Somebody writes the same town, or the same draft, at this moment.
            if error.has_error_label("TransientTransactionError"):
                raise Conflict() from None
            raise

    async def replace_periods(
        self, municipality_id: str, version: int, periods: Sequence[Period], told: CalendarTold | None = None
    ) -> None:
        """Raises `Conflict` when the town changed meanwhile."""
        packed: list[dict[str, str]] = []
        if told:
            event, at = told
            packed = pack(
                [event], subject=municipality_id, sequence=version + 1, municipality_id=municipality_id, at=at
            )
        await self._write(municipality_id, version, {"periods": periods_document(periods)}, packed)
        if packed:
            self._wake("towns")

    async def _write(
        self,
        municipality_id: str,
        version: int,
        parts: Document,
        told: list[dict[str, str]],
        session: AsyncIOMotorClientSession | None = None,
    ) -> None:
        change: dict[str, Any] = {"$set": parts, "$inc": {"version": 1}}
        if told:
            change["$push"] = {"outbox": {"$each": told}}
        try:
            written = await self._towns.update_one(
                {"_id": municipality_id, "version": version}, change, upsert=version == 0, session=session
            )
        except DuplicateKeyError:
            raise Conflict() from None
        if not (written.matched_count or written.upserted_id):
            raise Conflict()
        self.forget(municipality_id)

    async def set_municipality(self, told: MunicipalitySet, sequence: int) -> None:
        """Settings as of `sequence`; older ones than those kept change nothing."""
        older = {"_id": told.municipality_id, "settings_sequence": {"$not": {"$gte": sequence}}}
        parts = {"settings": towns.settings_document(told), "settings_sequence": sequence}
        change = {"$set": parts, "$inc": {"version": 1}}
        try:
            await self._towns.update_one(older, change, upsert=True)
        except DuplicateKeyError:
            # There is one: as new or newer, unless it was made at this very moment.
            await self._towns.update_one(older, change)
        self.forget(told.municipality_id)

    def forget(self, municipality_id: str) -> None:
        """Make this process see its own write at once."""
        if kept := self._kept.get(municipality_id):
            kept.until = 0.0

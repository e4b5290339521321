"""What is known of each file beside its bytes: one document per file, found by its household, town and request."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument

from services.requests.domain.file_refusals import TooManyFiles
from services.requests.domain.files import Home, Kind
from services.requests.domain.records import Attachment
from services.requests.domain.stored_files import (
    FILE_STATES,
    HELD,
    MOST_FILES,
    MOST_UNTAKEN,
    FileState,
    StoredFile,
)
from shared.errors import NotFound
from shared.mongo import CollectionSchema, Database, Document

FILE_RECORDS = "file_records"
CHANGING = ("state", "scanned", "scans", "scan_after", "finding", "gone_at", "key", "key_name")
SCAN_LEASE = timedelta(minutes=5)
RECORD_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("request_id", 1), ("household_id", 1)]),
        IndexModel([("household_id", 1)]),
        IndexModel([("scan_after", 1)], partialFilterExpression={"scan_after": {"$type": "date"}}),
        IndexModel([("added_at", 1)], partialFilterExpression={"loose": True}),
        IndexModel([("key_name", 1)]),
    ],
    validator={
        "bsonType": "object",
        "required": ["household_id", "municipality_id", "request_id", "place", "state", "kind", "bytes", "added_at"],
        "properties": {
            "household_id": {"bsonType": "string"},
            "municipality_id": {"bsonType": "string"},
            "request_id": {"bsonType": "string"},
            "state": {"enum": list(FILE_STATES)},
            "bytes": {"bsonType": ["int", "long"], "minimum": 0},
            "added_at": {"bsonType": "date"},
        },
    },
)


class FileRecords:
    def __init__(self, db: Database) -> None:
        self._documents = db[FILE_RECORDS]

    async def add(self, file: StoredFile) -> None:
        await self._documents.insert_one({"_id": file.id, **record_document(file)})

    async def keep(self, file: StoredFile, before: FileState) -> bool:
        """What became of it; False where it is gone, or in another state than `before` by now."""
        document = record_document(file)
        changed = {name: document[name] for name in CHANGING if name in document}
        gone = {name: "" for name in CHANGING if name not in document}
        kept = await self._documents.update_one(
            {**_file(file.id, file.home), "state": before},
            {"$set": changed, **({"$unset": gone} if gone else {})},
        )
        return bool(kept.matched_count)

    async def rekey(self, file: StoredFile, key: str) -> bool:
        """Its key, sealed otherwise."""
        sealed = {"key": key, "key_name": _key_name(key)}
        kept = await self._documents.update_one({**_file(file.id, file.home), "key": file.key}, {"$set": sealed})
        return bool(kept.matched_count)

    async def of_request(self, request_id: str, household_id: str) -> Mapping[str, StoredFile]:
        """By their ids."""
        found = self._documents.find({"request_id": request_id, "household_id": household_id})
        return {document["_id"]: record_of(document) async for document in found}

    async def one(self, file_id: str, home: Home) -> StoredFile:
        """Raises `NotFound`."""
        found = await self._documents.find_one(_file(file_id, home))
        if found is None:
            raise NotFound()
        return record_of(found)

    async def knows(self, file_id: str) -> bool:
        """In whatever home."""
        return await self._documents.find_one({"_id": file_id}, {"_id": 1}) is not None

    async def remove(self, file_id: str) -> None:
        await self._documents.delete_one({"_id": file_id})

    async def check_room(self, home: Home) -> None:
        """For one more file that no message names yet. Raises `TooManyFiles`."""
        ours = {"request_id": home.request_id, "household_id": home.household_id, "state": {"$in": list(HELD)}}
        if await self._documents.count_documents({**ours, "place": ""}) >= MOST_UNTAKEN:
            raise TooManyFiles(most=MOST_UNTAKEN)
        if await self._documents.count_documents(ours) >= MOST_FILES:
            raise TooManyFiles(most=MOST_FILES)

    async def take(
        self, file_ids: Collection[str], home: Home, *, account_id: str, place: str
    ) -> tuple[Attachment, ...]:
        """Files the account sent for the request, to be named by a message from now on; the same place gets the same
        answer again. Raises `NotFound`, `FileInfectedRemoved`: what was taken before then is swept after a day."""
        taken = []
        for file_id in file_ids:
            document = await self._documents.find_one_and_update(
                {
                    **_file(file_id, home),
                    "account_id": account_id,
                    "place": {"$in": ["", place]},
                    "state": {"$in": list(HELD)},
                },
                {"$set": {"place": place}},
                return_document=ReturnDocument.AFTER,
            )
            if document is None:
                (await self.one(file_id, home)).check_not_infected()
                raise NotFound()
            taken.append(attachment_from(record_of(document)))
        return tuple(taken)

    async def claim_scan(self, now: datetime) -> StoredFile | None:
        """The next file to be looked at, kept from others for five minutes."""
        found = await self._documents.find_one_and_update(
            {"scan_after": {"$lte": now}},
            {"$set": {"scan_after": now + SCAN_LEASE}},
            sort=[("scan_after", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return record_of(found) if found else None

    async def quarantined_since(self) -> datetime | None:
        """When the file that waits longest came."""
        found = await self._documents.find_one({"state": "quarantined"}, sort=[("added_at", 1)])
        return found["added_at"] if found else None

    async def loose(self, before: datetime) -> AsyncIterator[tuple[str, Home]]:
        """Stored before that instant and not known to belong to a filed request."""
        async for found in self._documents.find({"loose": True, "added_at": {"$lt": before}}):
            yield found["_id"], home_of(found)

    async def fasten(self, file_id: str, home: Home) -> None:
        await self._documents.update_one(_file(file_id, home), {"$set": {"loose": False}})

    async def sealed_otherwise(self, newest: str) -> AsyncIterator[StoredFile]:
        """Files whose key is not sealed under that one."""
        async for found in self._documents.find({"key_name": {"$nin": [newest, ""]}}):
            yield record_of(found)


def attachment_from(file: StoredFile) -> Attachment:
    return Attachment(file_id=file.id, kind=file.kind, bytes=file.bytes, added_at=file.added_at)


def record_document(file: StoredFile) -> Document:
    """Without its id; instants that are not there are left out, so that indexes pass over them."""
    known = asdict(file)
    del known["id"], known["home"]
    document = {**known, **asdict(file.home), "kind": str(file.kind), "key_name": _key_name(file.key)}
    return {name: value for name, value in document.items() if value is not None}


def record_of(document: Mapping[str, Any]) -> StoredFile:
    names = StoredFile.__dataclass_fields__.keys() - {"id", "home", "kind"}
    known = {name: document[name] for name in names & document.keys()}
    return StoredFile(id=document["_id"], home=home_of(document), kind=Kind(document["kind"]), **known)


def _key_name(key: str) -> str:
    return key.partition(".")[0]


def _file(file_id: str, home: Home) -> Document:
    return {"_id": file_id, **asdict(home)}


def home_of(document: Mapping[str, Any]) -> Home:
    return Home(
        household_id=document["household_id"],
        municipality_id=document["municipality_id"],
        request_id=document["request_id"],
    )

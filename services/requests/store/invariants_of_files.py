"""What must hold of files on live data: each check returns one line per thing that breaks it, identifiers only."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from services.requests.domain.stored_files import HELD
from services.requests.store.checklists import VERIFIED_DOCUMENTS
from services.requests.store.files import BUCKET, FILE_RECORDS
from services.requests.store.requests import REQUESTS
from shared.mongo import Database

# A sweep runs every hour; two days leave room for one that could not.
LATE_MS = 2 * 24 * 60 * 60 * 1000
BYTES = {"$lookup": {"from": f"{BUCKET}.files", "localField": "_id", "foreignField": "_id", "as": "there"}}
# When its bytes came by the machine's clock, which is the database's too; of those in a bucket, by the service's.
CAME = {"$ifNull": [{"$first": "$there.uploadDate"}, "$added_at"]}
OLD = {"$expr": {"$lt": [CAME, {"$subtract": ["$$NOW", LATE_MS]}]}}


async def attachments_without_record(db: Database) -> list[str]:
    """Of its size, whatever became of its bytes."""
    steps: list[dict[str, Any]] = [
        {"$project": {"kept": {"$objectToArray": "$attachments"}}},
        {"$unwind": "$kept"},
        {"$lookup": {"from": FILE_RECORDS, "localField": "kept.v.file_id", "foreignField": "_id", "as": "file"}},
        {"$match": {"$expr": {"$ne": [{"$first": "$file.bytes"}, "$kept.v.bytes"]}}},
    ]
    return [
        f"request {one['_id']} has no whole file in slot {one['kept']['k']}"
        async for one in db[REQUESTS].aggregate(steps, allowDiskUse=True)
    ]


async def records_without_bytes(db: Database) -> list[str]:
    """In the service's own database: what lies in a bucket is not looked at here."""
    steps: list[dict[str, Any]] = [
        {"$match": {"state": {"$in": sorted(HELD)}, "store": "gridfs"}},
        BYTES,
        {"$match": {"$expr": {"$lt": [{"$ifNull": [{"$first": "$there.length"}, -1]}, "$bytes"]}}},
        {"$project": {"_id": 1}},
    ]
    return [f"file {one['_id']} has lost its bytes" async for one in db[FILE_RECORDS].aggregate(steps)]


async def orphan_files(db: Database) -> list[str]:
    kept = {"$map": {"input": {"$objectToArray": "$attachments"}, "in": "$$this.v.file_id"}}
    lists = {"$map": {"input": {"$ifNull": ["$messages", []]}, "in": "$$this.attachments.file_id"}}
    with_messages = {"$reduce": {"input": lists, "initialValue": [], "in": {"$concatArrays": ["$$value", "$$this"]}}}
    request = [{"$project": {"kept": {"$concatArrays": [kept, with_messages]}}}]
    steps: list[dict[str, Any]] = [
        {"$match": {"state": {"$in": sorted(HELD)}}},
        BYTES,
        {"$match": OLD},
        {
            "$lookup": {
                "from": REQUESTS,
                "localField": "request_id",
                "foreignField": "_id",
                "pipeline": request,
                "as": "of",
            }
        },
        {"$match": {"$expr": {"$not": {"$in": ["$_id", {"$ifNull": [{"$first": "$of.kept"}, []]}]}}}},
    ]
    return [f"file {one['_id']} belongs to no request" async for one in db[FILE_RECORDS].aggregate(steps)]


async def bytes_without_record(db: Database) -> list[str]:
    steps: list[dict[str, Any]] = [
        {"$lookup": {"from": FILE_RECORDS, "localField": "_id", "foreignField": "_id", "as": "known"}},
        {"$match": {"known": {"$not": {"$elemMatch": {"state": {"$in": [*sorted(HELD), "receiving"]}}}}}},
        {"$match": {"$expr": {"$lt": ["$uploadDate", {"$subtract": ["$$NOW", LATE_MS]}]}}},
        {"$project": {"_id": 1}},
    ]
    return [f"bytes of {one['_id']} lie there for nobody" async for one in db[f"{BUCKET}.files"].aggregate(steps)]


async def infected_files_kept(db: Database) -> list[str]:
    """Found, and its removal not finished two days later."""
    late = {"$expr": {"$lt": ["$gone_at", {"$subtract": ["$$NOW", LATE_MS]}]}}
    waiting = {"state": "infected", "scan_after": {"$type": "date"}, "gone_at": {"$type": "date"}}
    found = db[FILE_RECORDS].find({**waiting, **late}, {"_id": 1})
    return [f"file {one['_id']} is infected and still there" async for one in found]


async def held_for_nothing(db: Database) -> list[str]:
    """A slot not asked for names the document the town has, as long as that one is kept."""
    steps: list[dict[str, Any]] = [
        {"$match": {"filed_at": {"$ne": None}, "held": {"$nin": [None, {}]}}},
        {"$project": {"household_id": 1, "held": {"$objectToArray": "$held"}}},
        {"$unwind": "$held"},
        {
            "$lookup": {
                "from": VERIFIED_DOCUMENTS,
                "localField": "held.v.document_id",
                "foreignField": "_id",
                "as": "document",
            }
        },
        {"$match": {"document": {"$ne": []}, "$expr": {"$ne": [{"$first": "$document.kind"}, "$held.v.kind"]}}},
    ]
    return [
        f"request {one['_id']} was filed without {one['held']['k']} for no document"
        async for one in db[REQUESTS].aggregate(steps)
    ]


FILE_INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "a document of a request is there, whole": attachments_without_record,
    "a file that may be read has its bytes": records_without_bytes,
    "no file older than two days belongs to no request": orphan_files,
    "no bytes lie there for nobody": bytes_without_record,
    "an infected file does not stay": infected_files_kept,
    "what was not asked for is what the town has verified": held_for_nothing,
}

"""Requests: each command one conditional write of one document, with what it tells."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.requests.domain.files import Home
from services.requests.domain.requests import Attachment, Request
from services.requests.store.documents import (
    attachment_document,
    attachment_of,
    held_documents,
    request_document,
    request_of,
)
from services.requests.store.work_documents import read_document, work_document
from shared.contracts import Event
from shared.errors import Conflict, KeyReused, NotFound
from shared.messaging.envelope import pack
from shared.mongo import Database, Document

REQUESTS = "requests"


class RequestStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db[REQUESTS]
        self._wake = wake

    async def add(self, request: Request) -> None:
        await self._documents.insert_one(request_document(request))

    async def open(self, request: Request, events: Sequence[Event], at: datetime) -> None:
        """Once: one that was opened before is as it was then."""
        told = pack(
            events, subject=request.id, sequence=request.version, municipality_id=request.municipality_id, at=at
        )
        try:
            await self._documents.insert_one({**request_document(request), **({"outbox": told} if told else {})})
        except DuplicateKeyError:
            return
        self._wake(REQUESTS)

    async def drafts_of(self, household_id: str) -> int:
        return await self._documents.count_documents({"household_id": household_id, "state": "draft"})

    async def of_household(self, request_id: str, household_id: str) -> Request:
        """Raises `NotFound`."""
        return await self._one({"_id": request_id, "household_id": household_id})

    async def of_households(self, request_id: str, household_ids: Collection[str]) -> Request:
        """Of the household, or of one that was merged into it. Raises `NotFound`."""
        return await self._one({"_id": request_id, "household_id": {"$in": list(household_ids)}})

    async def of_towns(self, request_id: str, municipality_ids: Collection[str]) -> Request:
        """As agents see it: a draft is still the family's own. Raises `NotFound`."""
        towns = {"$in": list(municipality_ids)}
        return await self._one({"_id": request_id, "municipality_id": towns, "state": {"$ne": "draft"}})

    async def filed_with(self, household_id: str, key: str) -> tuple[Request, str] | None:
        """The request this Idempotency-Key filed, and the fingerprint it was used with."""
        found = await self._documents.find_one({"household_id": household_id, "filing.key": key})
        return (request_of(found), found["filing"]["fingerprint"]) if found else None

    async def save_answers(self, request: Request, at: datetime) -> None:
        """Raises `Conflict`, as every write of a request that changed meanwhile."""
        await self._save(request, {"answers": dict(request.answers)}, (), at)

    async def file(
        self, request: Request, events: Sequence[Event], *, key: str, fingerprint: str, at: datetime
    ) -> None:
        state = {
            "filed_at": request.filed_at,
            "filing": {"key": key, "fingerprint": fingerprint},
            "held": held_documents(request.held),
        }
        try:
            await self._save(request, state, events, at)
        except DuplicateKeyError:
            # The key filed another request of the household at the same moment.
            raise KeyReused() from None

    async def save_work(self, request: Request, events: Sequence[Event], at: datetime) -> None:
        """What processing changed, at the next version, with what it tells."""
        await self._save(request, {}, events, at)

    async def save_read(self, request: Request) -> None:
        """Who has seen what, at the same version."""
        written = await self._documents.update_one(_before(request.version, request), {"$set": read_document(request)})
        if not written.matched_count:
            raise Conflict()

    async def attach(self, request: Request, slot_id: str, attachment: Attachment) -> Attachment | None:
        """Put the file into a slot that may be filled now (`check_attachable`); what was there before.

        Raises `Conflict`."""
        path = f"attachments.{slot_id}"
        before = await self._documents.find_one_and_update(
            {"_id": request.id, "household_id": request.household_id, "$or": _open_for(slot_id)},
            {
                "$set": {path: attachment_document(attachment), "touched_at": attachment.added_at},
                "$unset": {f"emptied_slots.{slot_id}": ""},
                "$inc": {"version": 1},
            },
            projection={path: 1},
            return_document=ReturnDocument.BEFORE,
        )
        if before is None:
            raise Conflict()
        replaced = before.get("attachments", {}).get(slot_id)
        return attachment_of(replaced) if replaced else None

    async def remove_draft(self, request: Request) -> None:
        removed = await self._documents.delete_one({**_before(request.version, request), "state": "draft"})
        if not removed.deleted_count:
            raise Conflict()

    async def drafts_untouched_since(self, before: datetime) -> AsyncIterator[Request]:
        async for found in self._documents.find({"state": "draft", "touched_at": {"$lt": before}}):
            yield request_of(found)

    async def use_of(self, file_id: str, home: Home) -> Literal["draft", "filed", "none"]:
        """Whether the request the file belongs to still refers to it."""
        scope = {"household_id": home.household_id, "municipality_id": home.municipality_id}
        shown = {"attachments": 1, "state": 1, "messages.attachments.file_id": 1}
        found = await self._documents.find_one({"_id": home.request_id, **scope}, shown)
        if not found or file_id not in _file_ids(found):
            return "none"
        return "draft" if found["state"] == "draft" else "filed"

    async def _one(self, query: Document) -> Request:
        found = await self._documents.find_one(query)
        if found is None:
            raise NotFound()
        return request_of(found)

    async def overdue_before(self, day: date) -> AsyncIterator[Request]:
        """Of whose date nobody was told; in towns where it is later, that day may still be today."""
        late = {"due_on": {"$type": "string", "$lt": day.isoformat()}, "overdue_told": {"$ne": True}}
        async for found in self._documents.find(late):
            yield request_of(found)

    async def waiting_since(self, before: datetime, reminders: int) -> AsyncIterator[Request]:
        """For their family, who was reminded less often than that."""
        fewer = {"asking.at": {"$lt": before}, "asking.reminders": {"$lt": reminders}}
        waiting = {"state": "waiting_for_family", **fewer}
        async for found in self._documents.find(waiting):
            yield request_of(found)

    async def _save(self, request: Request, changed: dict[str, Any], events: Sequence[Event], at: datetime) -> None:
        """The request at its next version, when it still is at the one before."""
        told = pack(
            events, subject=request.id, sequence=request.version, municipality_id=request.municipality_id, at=at
        )
        state = {**changed, **work_document(request), "version": request.version, "touched_at": at}
        written = await self._documents.update_one(
            _before(request.version - 1, request),
            {"$set": state, **({"$push": {"outbox": {"$each": told}}} if told else {})},
        )
        if not written.matched_count:
            raise Conflict()
        if told:
            self._wake(REQUESTS)


def _open_for(slot_id: str) -> list[Document]:
    return [
        {"state": "draft"},
        {"state": "waiting_for_family", "asked_slots": slot_id},
        {f"emptied_slots.{slot_id}": {"$exists": True}},
    ]


def _file_ids(found: Document) -> set[str]:
    """Of the documents in its slots and those that go with its messages."""
    with_messages = [kept for message in found.get("messages", ()) for kept in message.get("attachments", ())]
    return {kept["file_id"] for kept in (*found["attachments"].values(), *with_messages)}


def _before(version: int, request: Request) -> Document:
    return {
        "_id": request.id,
        "household_id": request.household_id,
        "municipality_id": request.municipality_id,
        "version": version,
    }

"""A slot the antivirus emptied: one conditional write of the request, with what it tells."""

from collections.abc import Callable
from datetime import datetime

from services.requests.domain.requests import Request
from services.requests.domain.stored_files import StoredFile
from services.requests.store.requests import REQUESTS
from shared.contracts import Event
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import Database


class SlotStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._documents = db[REQUESTS]
        self._wake = wake

    async def save_emptied(self, request: Request, file: StoredFile, event: Event, at: datetime) -> None:
        """The request at its next version without the file. Raises `Conflict` when it changed meanwhile."""
        told = pack(
            [event], subject=request.id, sequence=request.version, municipality_id=request.municipality_id, at=at
        )
        before = {
            "_id": request.id,
            "household_id": request.household_id,
            "municipality_id": request.municipality_id,
            "version": request.version - 1,
        }
        removed = {"$unset": {f"attachments.{file.slot}": ""}} if file.slot else {}
        emptied = {f"emptied_slots.{file.slot or file.id}": at, "version": request.version}
        written = await self._documents.update_one(
            before, {"$set": emptied, **removed, "$push": {"outbox": {"$each": told}}}
        )
        if not written.matched_count:
            raise Conflict()
        self._wake(REQUESTS)

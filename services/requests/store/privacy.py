"""What requests holds of a household: its requests with their documents, and the copy of its children's names."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from services.requests.store.checklists import VERIFIED_DOCUMENTS
from services.requests.store.files import FILE_RECORDS, FileStore
from services.requests.store.requests import REQUESTS
from services.requests.store.standing_privacy import erase_standing, standing_of
from shared.errors import Refused
from shared.mongo import Database, Document
from shared.privacy import File, Receipt, counted
from shared.privacy.store import json_file

# Not how its bytes are sealed, nor what the town's antivirus calls what it found.
SHOWN_OF_FILES = {"key": 0, "key_name": 0, "finding": 0, "scan_after": 0, "scans": 0, "store": 0, "loose": 0}


class RequestHoldings:
    service = "requests"

    def __init__(self, db: Database, files: FileStore) -> None:
        self._db = db
        self._files = files

    async def files(self, household_id: str) -> AsyncIterator[File]:
        requests = await self._db[REQUESTS].find({"household_id": household_id}).sort("_id", 1).to_list(None)
        copies = await self._db["households"].find({"_id": household_id}).to_list(None)
        standing = await standing_of(self._db, household_id)
        shown = [_without_agents(request) for request in requests]
        known = await self._db[FILE_RECORDS].find({"household_id": household_id}, SHOWN_OF_FILES).to_list(None)
        mine = {"household_id": household_id}
        verified = await self._db[VERIFIED_DOCUMENTS].find(mine, {"verified_by": 0}).sort("_id", 1).to_list(None)
        held = {"files": known, "verified_documents": verified}
        yield json_file("requests.json", {"requests": shown, "copy_of_the_household": copies, **standing, **held})
        for request in requests:
            async for file in self._documents(request):
                yield file

    async def _documents(self, request: Document) -> AsyncIterator[File]:
        """What is in its slots, and what went with its messages."""
        for file in (await self._files.records.of_request(request["_id"], request["household_id"])).values():
            try:
                chunks = await self._files.open(file.id, file.home)
            except Refused:
                # Replaced between the list and here, gone for good, or still looked at: then the next export has it.
                continue
            content = b"".join([chunk async for chunk in chunks])
            name = f"requests/{request['_id']}/{file.slot or file.id}.{file.kind.suffix}"
            yield File(name=name, media_type=file.kind, content=content)

    async def erase(self, household_id: str, _: datetime) -> Receipt:
        """Everything: what a town decided upon a request it keeps in its own file of the family, not here."""
        requests = documents = 0
        async for found in self._db[REQUESTS].find({"household_id": household_id}, {"attachments": 1}):
            # The bytes first: a request without them is erased again, bytes without a request would be found by nobody.
            await self._files.drop_request(found["_id"], household_id)
            await self._db[REQUESTS].delete_one({"_id": found["_id"], "household_id": household_id})
            requests, documents = requests + 1, documents + len(found["attachments"])
        standing = await erase_standing(self._db, household_id)
        await self._db[VERIFIED_DOCUMENTS].delete_many({"household_id": household_id})
        copies = [await self._db[name].delete_one({"_id": household_id}) for name in ("quotas", "households")]
        profile_copies = copies[1].deleted_count + standing
        counts = {"requests": requests, "documents": documents, "profile_copies": profile_copies}
        return Receipt(erased=counted(counts))


def _without_agents(request: Document) -> dict[str, Any]:
    """Which agent answered is the town's affair, not the family's data; what agents noted of the family is."""
    shown = {name: value for name, value in request.items() if name != "assigned"}
    parts = {name: request[name] for name in ("history", "messages", "notes") if name in request}
    return {**shown, **{name: [_without_agent(one) for one in entries] for name, entries in parts.items()}}


def _without_agent(entry: Document) -> Document:
    return {name: value for name, value in entry.items() if name != "account_id" or entry.get("who") == "guardian"}

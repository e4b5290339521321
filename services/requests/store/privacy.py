"""What requests holds of a household: its requests with their documents, and the copy of its children's names."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from services.requests.domain.files import Home, Kind
from services.requests.store.files import FileStore
from services.requests.store.requests import REQUESTS
from shared.errors import NotFound
from shared.mongo import Database, Document
from shared.privacy import File, Receipt, counted
from shared.privacy.store import json_file


class RequestHoldings:
    service = "requests"

    def __init__(self, db: Database) -> None:
        self._db = db
        self._files = FileStore(db)

    async def files(self, household_id: str) -> AsyncIterator[File]:
        requests = await self._db[REQUESTS].find({"household_id": household_id}).sort("_id", 1).to_list(None)
        copies = await self._db["households"].find({"_id": household_id}).to_list(None)
        shown = [_without_agents(request) for request in requests]
        yield json_file("requests.json", {"requests": shown, "copy_of_the_household": copies})
        for request in requests:
            async for file in self._documents(request):
                yield file

    async def _documents(self, request: Document) -> AsyncIterator[File]:
        home = Home(
            household_id=request["household_id"],
            municipality_id=request["municipality_id"],
            request_id=request["_id"],
        )
        for slot, attachment in request["attachments"].items():
            kind = Kind(attachment["kind"])
            try:
                chunks = await self._files.open(attachment["file_id"], home)
            except NotFound:
                # Replaced between the list and here: the next export has the new one.
                continue
            content = b"".join([chunk async for chunk in chunks])
            yield File(name=f"requests/{request['_id']}/{slot}.{kind.suffix}", media_type=kind, content=content)

    async def erase(self, household_id: str, _: datetime) -> Receipt:
        """Everything: what a town decided upon a request it keeps in its own file of the family, not here."""
        requests = documents = 0
        async for found in self._db[REQUESTS].find({"household_id": household_id}, {"attachments": 1}):
            # The bytes first: a request without them is erased again, bytes without a request would be found by nobody.
            await self._files.drop_request(found["_id"], household_id)
            await self._db[REQUESTS].delete_one({"_id": found["_id"], "household_id": household_id})
            requests, documents = requests + 1, documents + len(found["attachments"])
        copies = [await self._db[name].delete_one({"_id": household_id}) for name in ("quotas", "households")]
        profile_copies = copies[1].deleted_count
        counts = {"requests": requests, "documents": documents, "profile_copies": profile_copies}
        return Receipt(erased=counted(counts))


def _without_agents(request: Document) -> dict[str, Any]:
    """Which agent answered is the town's affair, not the family's data."""
    history = [
        {name: value for name, value in step.items() if name != "account_id" or step["who"] == "guardian"}
        for step in request["history"]
    ]
    return {**request, "history": history}

"""The bare limit: one aiohttp process with motor that does the smallest correct booking, with nothing around it.

`/transaction`: capacity, booking and outbox event in one majority transaction. `/document`: the one-document form.
`/month`: one indexed read of a child's month of sixteen days.
Run as `python -m benchmarks.bare MONGO_URL PORT`.
"""

import asyncio
import sys
from typing import Any

import uvloop
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from shared.ids import uuid7

MAJORITY = WriteConcern(w="majority")
CAPACITY = 1_000_000
EVENT = "x" * 600
RETRIES = 5
CHILDREN = 10_000
MONTH = "2026-11"
DAYS = range(16)


class Bare:
    def __init__(self, client: Any) -> None:
        self._client = client
        self._db = client.get_database("bare", write_concern=MAJORITY, read_concern=ReadConcern("majority"))

    async def prepare(self) -> None:
        await self._client.drop_database("bare")
        for name in ("slots", "bookings", "outbox", "sheets", "months"):
            await self._db.create_collection(name)
        await self._db.months.create_index([("child", 1), ("month", 1)])
        await self._db.months.insert_many([_month(number) for number in range(CHILDREN)])

    async def transaction(self, request: web.Request) -> web.Response:
        asked = await request.json()
        for _ in range(RETRIES):
            try:
                await self._book(asked["slot"], asked["child"])
                return web.json_response({"booked": True}, status=201)
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
        return web.json_response({"booked": False}, status=503)

    async def _book(self, slot: str, child: str) -> None:
        async with await self._client.start_session() as session:
            options = {"read_concern": ReadConcern("majority"), "write_concern": MAJORITY}
            async with session.start_transaction(**options, read_preference=ReadPreference.PRIMARY):
                await self._db.slots.update_one(
                    {"_id": slot, "taken": {"$lt": CAPACITY}}, {"$inc": {"taken": 1}}, upsert=True, session=session
                )
                await self._db.bookings.insert_one({"_id": f"{child}:{uuid7()}", "slot": slot}, session=session)
                await self._db.outbox.insert_one({"_id": uuid7(), "body": EVENT}, session=session)

    async def document(self, request: web.Request) -> web.Response:
        asked = await request.json()
        day = f"days.{uuid7()}"
        event = {"id": uuid7(), "body": EVENT}
        change = {"$set": {day: {"slot": asked["slot"]}}, "$push": {"outbox": {"$each": [event], "$slice": -1}}}
        await self._db.sheets.update_one({"_id": asked["child"]}, change, upsert=True)
        return web.json_response({"booked": True}, status=201)

    async def month(self, request: web.Request) -> web.Response:
        asked = {"child": request.query["child"], "month": MONTH}
        found = await self._db.months.find_one(asked, {"_id": 0})
        return web.json_response(found)


def _month(number: int) -> dict[str, Any]:
    booked = {"repas": {"state": "booked", "by": "guardian", "rule_version": 1}}
    days = {f"{MONTH}-{day + 1:02}": booked for day in DAYS}
    return {"child": f"child-{number}", "month": MONTH, "days": days}


async def main(url: str, port: int) -> None:
    bare = Bare(AsyncIOMotorClient(url))
    await bare.prepare()
    app = web.Application()
    app.router.add_post("/transaction", bare.transaction)
    app.router.add_post("/document", bare.document)
    app.router.add_get("/month", bare.month)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(main(sys.argv[1], int(sys.argv[2])))

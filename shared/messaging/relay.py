"""The relay: carries events from the outbox of each document to the broker, at least once, in order per aggregate.

One relay per service works at a time (a lease in the database, timed by the database's clock). It is woken by a
hint after a write and looks by itself every second, so a lost hint delays an event and never loses it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.ids import uuid7
from shared.messaging.broker import Broker
from shared.mongo import Database

log = structlog.get_logger()
SENT = Counter("preau_outbox_sent_total", "Events handed to the broker")
FAILED = Counter("preau_outbox_failed_total", "Events the broker did not confirm in a pass")
LEADING = Gauge("preau_relay_leading", "1 while this process holds the relay lease")

BATCH = 200
LINGER_SECONDS = 0.02
POLL_SECONDS = 1.0
LEASE_MS = 10_000
RENEW_SECONDS = 3.0
PENDING = {"outbox.id": {"$exists": True}}


class Relay:
    """`run()` until cancelled; `wake()` after each write; `flush()` once before leaving."""

    def __init__(self, database: Database, broker: Broker, collections: Sequence[str]) -> None:
        self._database = database
        self._broker = broker
        self._collections = tuple(collections)
        self._hint = asyncio.Event()
        self._hinted: set[str] = set()
        self._me = uuid7()
        self._leading_until = 0.0

    def wake(self, collection: str) -> None:
        """Say that a document of `collection` has something to tell."""
        self._hinted.add(collection)
        self._hint.set()

    async def run(self) -> None:
        while True:
            try:
                hinted = await self._next_hint()
                if await self._lead():
                    await self._pass(hinted or self._collections)
            except Exception:
                log.exception("relay_pass_failed")
                await asyncio.sleep(POLL_SECONDS)

    async def flush(self) -> None:
        """Send what is left and give the lease back, so that the next holder need not wait for it to lapse."""
        with suppress(Exception):
            if await self._lead():
                await self._pass(self._collections)
                await self._database["leases"].delete_one({"_id": "relay", "holder": self._me})

    async def _next_hint(self) -> tuple[str, ...]:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._hint.wait()
            # A short wait gathers the writes of the moment into one read and one batch.
            await asyncio.sleep(LINGER_SECONDS)
        self._hint.clear()
        hinted, self._hinted = tuple(self._hinted), set()
        return hinted

    async def _pass(self, collections: Sequence[str]) -> None:
        for name in collections:
            while await self._send_batch(name) == BATCH:
                pass

    async def _send_batch(self, name: str) -> int:
        """Send the oldest pending events of a collection; the number of documents read."""
        cursor = self._database[name].find(PENDING, {"outbox": 1}, sort=[("outbox.id", 1)], limit=BATCH)
        documents = await cursor.to_list(BATCH)
        if not documents:
            return 0
        entries = [entry for document in documents for entry in document["outbox"]]
        confirmed = await self._broker.publish_all(entries)
        marks = _marks(documents, confirmed)
        if marks:
            await self._database[name].bulk_write(marks, ordered=False)
        SENT.inc(sum(confirmed))
        if not all(confirmed):
            FAILED.inc(confirmed.count(False))
            log.warning("events_not_confirmed", collection=name, count=confirmed.count(False))
            await asyncio.sleep(POLL_SECONDS)
        return len(documents)

    async def _lead(self) -> bool:
        """Hold or take the lease; renewed every 3 s, lapses after 10 s of the database's clock."""
        now = asyncio.get_running_loop().time()
        if now < self._leading_until:
            return True
        free = {"$or": [{"holder": self._me}, {"$expr": {"$lt": ["$until", "$$NOW"]}}]}
        claim = [{"$set": {"holder": self._me, "until": {"$add": ["$$NOW", LEASE_MS]}}}]
        try:
            await self._database["leases"].update_one({"_id": "relay", **free}, claim, upsert=True)
        except DuplicateKeyError:
            LEADING.set(0)
            return False
        LEADING.set(1)
        self._leading_until = now + RENEW_SECONDS
        return True


def _marks(documents: list[dict[str, Any]], confirmed: list[bool]) -> list[UpdateOne]:
    """What to pull per document: its confirmed events up to the first unconfirmed one, so that order holds."""
    marks = []
    at = 0
    for document in documents:
        entries = document["outbox"]
        done = []
        for entry, sent in zip(entries, confirmed[at:], strict=False):
            if not sent:
                break
            done.append(entry["id"])
        at += len(entries)
        if done:
            marks.append(UpdateOne({"_id": document["_id"]}, {"$pull": {"outbox": {"id": {"$in": done}}}}))
    return marks

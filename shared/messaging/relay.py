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
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from shared.ids import uuid7
from shared.messaging.broker import Broker
from shared.mongo import Database

log = structlog.get_logger()
SENT = Counter("preau_outbox_sent_total", "Events handed to the broker")
FAILED = Counter("preau_outbox_failed_total", "Events the broker did not confirm in a pass")
LEADING = Gauge("preau_relay_leading", "1 while this process holds the relay lease")

BATCH = 200
LINGER_SECONDS = 0.015
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
        self._looked_everywhere_at = float("-inf")
        # Documents the broker did not take everything of, by collection: left alone until the next look everywhere.
        self._stuck: dict[str, list[Any]] = {}
        self._me = uuid7()
        self._leading_until = 0.0

    def wake(self, collection: str) -> None:
        """Say that a document of `collection` has something to tell."""
        self._hinted.add(collection)
        self._hint.set()

    async def run(self) -> None:
        while True:
            try:
                await self._pass(await self._where_to_look())
            except Exception:
                log.exception("relay_pass_failed")
                await asyncio.sleep(POLL_SECONDS)

    async def flush(self) -> None:
        """Send what is left and give the lease back, so that the next holder need not wait for it to lapse."""
        with suppress(Exception):
            await self._pass(self._everywhere())
            await self._database["leases"].delete_one({"_id": "relay", "holder": self._me})

    async def _where_to_look(self) -> Sequence[str]:
        """The collections hinted at, or after a second all of them: other processes' hints never reach this one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._hint.wait()
            # A short wait gathers the writes of the moment into one read and one batch.
            await asyncio.sleep(LINGER_SECONDS)
        self._hint.clear()
        hinted, self._hinted = tuple(self._hinted), set()
        if hinted and asyncio.get_running_loop().time() - self._looked_everywhere_at < POLL_SECONDS:
            return hinted
        return self._everywhere()

    def _everywhere(self) -> Sequence[str]:
        self._looked_everywhere_at = asyncio.get_running_loop().time()
        self._stuck.clear()
        return self._collections

    async def _pass(self, collections: Sequence[str]) -> None:
        for name in collections:
            read = BATCH
            while read == BATCH:
                # Asked for before each batch: a long pass must not outlive the lease.
                if not await self._lead():
                    return
                read = await self._send_batch(name)

    async def _send_batch(self, name: str) -> int:
        """Send the oldest pending events of a collection; the number of documents read."""
        stuck = self._stuck.setdefault(name, [])
        pending = {**PENDING, "_id": {"$nin": stuck}} if stuck else PENDING
        cursor = self._database[name].find(pending, {"outbox": 1}, sort=[("outbox.id", 1)], limit=BATCH)
        documents = await cursor.to_list(BATCH)
        sent = await self._send_in_order([document["outbox"] for document in documents])
        marks = [_mark(document, count) for document, count in zip(documents, sent, strict=True) if count]
        if marks:
            await self._database[name].bulk_write(marks, ordered=False)
        stuck += [document["_id"] for document, count in zip(documents, sent, strict=True) if _is_left(document, count)]
        if stuck:
            log.warning("events_not_confirmed", collection=name, documents=len(stuck))
        return len(documents)

    async def _send_in_order(self, outboxes: Sequence[Sequence[dict[str, str]]]) -> list[int]:
        """How many events of each outbox the broker took; after one it did not take, none of the same outbox goes."""
        sent = [0] * len(outboxes)
        going = list(range(len(outboxes)))
        while going:
            confirmed = await self._broker.publish_all([outboxes[n][sent[n]] for n in going])
            SENT.inc(sum(confirmed))
            FAILED.inc(confirmed.count(False))
            going = [n for n, taken in zip(going, confirmed, strict=True) if taken]
            for n in going:
                sent[n] += 1
            going = [n for n in going if sent[n] < len(outboxes[n])]
        return sent

    async def _lead(self) -> bool:
        """Hold or take the lease; renewed every 3 s, lapses after 10 s of the database's clock."""
        now = asyncio.get_running_loop().time()
        if now < self._leading_until:
            return True
        # MongoDB refuses `$expr` in the filter of an upsert, so the comparison sits in the update itself.
        free = {"$or": [{"$eq": ["$holder", self._me]}, {"$lt": ["$until", "$$NOW"]}]}
        until = {"$add": ["$$NOW", LEASE_MS]}
        claim = [{"$set": {k: {"$cond": [free, v, f"${k}"]} for k, v in (("holder", self._me), ("until", until))}}]
        try:
            lease = await self._database["leases"].find_one_and_update(
                {"_id": "relay"}, claim, upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            # Two processes made the first lease at the same moment.
            lease = None
        if lease is None or lease["holder"] != self._me:
            LEADING.set(0)
            return False
        LEADING.set(1)
        self._leading_until = now + RENEW_SECONDS
        return True


def _mark(document: dict[str, Any], count: int) -> UpdateOne:
    sent = [entry["id"] for entry in document["outbox"][:count]]
    return UpdateOne({"_id": document["_id"]}, {"$pull": {"outbox": {"id": {"$in": sent}}}})


def _is_left(document: dict[str, Any], count: int) -> bool:
    return count < len(document["outbox"])

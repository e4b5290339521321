"""From a booking's commit to the other service's effect, at a steady rate: both seen through change streams, so that
the two ends are timed by the same eyes."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.load import Outcome, Shot, fixed_rate
from benchmarks.system import System
from shared.mongo import connect, database

RATE = 100.0
SECONDS = 20
EFFECTS = "sheets"


class Eyes:
    """When each change of a sheet was seen at both ends; the n-th booking of a sheet matches its n-th effect."""

    def __init__(self) -> None:
        self.committed: dict[str, list[float]] = {}
        self.effective: dict[str, list[float]] = {}

    def latencies(self) -> list[float]:
        """Milliseconds."""
        pairs = ((ends, self.effective.get(sheet, [])) for sheet, ends in self.committed.items())
        return [(there - here) * 1000 for ends, others in pairs for here, there in zip(ends, others, strict=False)]


async def measure(system: System, bookings: Iterator[Shot]) -> Outcome:
    """Latencies of the effects of the next bookings."""
    client = connect(system.mongo_url())
    eyes = Eyes()
    watching = [
        asyncio.create_task(_watch(database(client, "reservations")["sheets"], eyes.committed, "updateDescription")),
        asyncio.create_task(_watch(database(client, "billing")[EFFECTS], eyes.effective, "")),
    ]
    await asyncio.sleep(1)
    shots = itertools.islice(bookings, int(RATE * SECONDS))
    sent = await fixed_rate(shots, RATE)
    await system.quiet()
    await asyncio.sleep(1)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    client.close()
    return Outcome(seconds=sent.seconds, latencies=eyes.latencies(), statuses=sent.statuses)


async def _watch(collection: Any, seen: dict[str, list[float]], only: str) -> None:
    # Updates that only take sent events out of the outbox are no commits of bookings.
    pipeline = [{"$match": {"operationType": {"$in": ["insert", "update", "replace"]}}}]
    async with collection.watch(pipeline) as stream:
        async for change in stream:
            touched = change.get("updateDescription", {}).get("updatedFields", {})
            if only and change["operationType"] == "update" and "version" not in touched:
                continue
            seen.setdefault(change["documentKey"]["_id"], []).append(time.perf_counter())

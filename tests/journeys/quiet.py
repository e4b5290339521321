"""Whether everything told has had its effect, from the services' own counters; for parts in this process only."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

from shared.messaging.consumer import HEARD
from shared.messaging.relay import SENT
from shared.mongo import Database
from tests.journeys.events import Heard

SETTLED = ("done", "parked")


def _sent() -> float:
    # Only this counter: after a thousand tests the whole registry takes longer to read than a page to answer.
    return sum(sample.value for metric in SENT.collect() for sample in metric.samples if sample.name.endswith("_total"))


def _settled() -> Counter[str]:
    """Messages each queue is done with."""
    samples = (sample for metric in HEARD.collect() for sample in metric.samples)
    settled: Counter[str] = Counter()
    for sample in samples:
        if sample.name == "preau_messages_total" and sample.labels["outcome"] in SETTLED:
            settled[sample.labels["queue"]] += int(sample.value)
    return settled


@dataclass
class Work:
    """What was sent and settled since this was made, against what was heard."""

    databases: Mapping[str, Database]
    sent_before: float = field(default_factory=_sent)
    settled_before: Counter[str] = field(default_factory=_settled)

    def sent(self) -> int:
        """How many events relays handed to the broker."""
        return int(_sent() - self.sent_before)

    async def is_done(self, heard: Heard) -> bool:
        """Read against the stream: first what was settled, then what was heard and sent, last what waits to be sent."""
        settled = _settled() - self.settled_before
        told = Counter(envelope["type"] for envelope in heard.all)
        if told.total() < self.sent():
            return False
        due = {queue: sum(told[topic] for topic in topics) for queue, topics in self._topics().items()}
        return all(settled[queue] >= count for queue, count in due.items()) and not await self._pending()

    def _topics(self) -> dict[str, list[str]]:
        """What each queue is sent."""
        queues: dict[str, list[str]] = {}
        for service in self.databases:
            for contract in import_module(f"services.{service}.messages").HANDLERS:
                queues.setdefault(f"{service}.{contract.exchange}", []).append(contract.topic)
        return queues

    async def _pending(self) -> bool:
        return any(await asyncio.gather(*(pending(service, db) for service, db in self.databases.items())))


async def pending(service: str, db: Database) -> bool:
    """An event waits in an outbox."""
    names = import_module(f"services.{service}.store").SCHEMA.telling
    found = await asyncio.gather(*(db[name].find_one({"outbox.id": {"$exists": True}}, {"_id": 1}) for name in names))
    return any(found)

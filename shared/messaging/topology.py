"""Exchanges, queues and policies, as code: declared by `migrate`, only looked at by running services.

What can never change later is a queue argument; what may change (limits, dead-lettering) is a policy.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from shared.contracts import Event

EVENTS = "preau.events"
PROFILES = "preau.profiles"
RETRY = "preau.retry"
DEAD = "preau.dead"
LOG = "preau.log"
EXCHANGES = {
    EVENTS: ExchangeType.TOPIC,
    PROFILES: ExchangeType.TOPIC,
    RETRY: ExchangeType.DIRECT,
    DEAD: ExchangeType.DIRECT,
}
# A failed message waits 5 s, 30 s, 5 min, 30 min; then it is parked. Per-message delays would block the queue's head.
TIERS_MS = {"5s": 5_000, "30s": 30_000, "5m": 300_000, "30m": 1_800_000}
LOG_ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "stream",
    "x-max-age": "30D",
    "x-stream-max-segment-size-bytes": 50_000_000,
}
QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}
CRASHES_BEFORE_PARKING = 10


@dataclass(frozen=True)
class Queue:
    """A work queue `<service>.<exchange>` and the topics bound to it."""

    service: str
    exchange: str
    topics: tuple[str, ...]
    tiers: Mapping[str, int] = field(default_factory=lambda: TIERS_MS)
    """How long a failed message waits, in milliseconds, by the name of the tier; after the last it is parked."""

    @property
    def name(self) -> str:
        return f"{self.service}.{self.exchange}"

    @property
    def parking(self) -> str:
        return f"{self.name}.parking"

    def tier(self, delay: str) -> str:
        return f"{self.name}.retry.{delay}"


def queues_of(service: str, contracts: Iterable[type[Event]]) -> list[Queue]:
    """One queue per exchange the service listens to: order per aggregate holds across event types."""
    heard = sorted(contracts, key=lambda contract: contract.topic)
    return [
        Queue(service, exchange, topics)
        for exchange in ("events", "profiles")
        if (topics := tuple(contract.topic for contract in heard if contract.exchange == exchange))
    ]


async def declare(channel: AbstractChannel, queues: Iterable[Queue]) -> None:
    """Exchanges, the replay log and each queue with its retry tiers and parking; harmless when repeated."""
    await asyncio.gather(*(channel.declare_exchange(name, kind, durable=True) for name, kind in EXCHANGES.items()))
    log = await channel.declare_queue(LOG, durable=True, arguments=LOG_ARGUMENTS)
    await log.bind(EVENTS, "#")
    await asyncio.gather(*(_declare_queue(channel, queue) for queue in queues))


async def _declare_queue(channel: AbstractChannel, queue: Queue) -> None:
    parking = await channel.declare_queue(queue.parking, durable=True, arguments=QUORUM)
    await parking.bind(DEAD, queue.name)
    for delay, milliseconds in queue.tiers.items():
        arguments: dict[str, Any] = {
            **QUORUM,
            "x-message-ttl": milliseconds,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": queue.name,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        tier = await channel.declare_queue(queue.tier(delay), durable=True, arguments=arguments)
        await tier.bind(RETRY, tier.name)
    work = await channel.declare_queue(queue.name, durable=True, arguments=QUORUM)
    for topic in queue.topics:
        await work.bind(f"preau.{queue.exchange}", topic)


def policies(services: Iterable[str]) -> list[dict[str, Any]]:
    """Broker policies, in the shape of a definitions file: a message that kills its consumer ends in parking."""
    return [
        {
            "name": f"work-{service}-{exchange}",
            "pattern": f"^{service}\\.{exchange}$",
            "apply-to": "queues",
            "priority": 1,
            "definition": {
                "delivery-limit": CRASHES_BEFORE_PARKING,
                "dead-letter-exchange": DEAD,
                "dead-letter-routing-key": f"{service}.{exchange}",
                "dead-letter-strategy": "at-least-once",
                "overflow": "reject-publish",
            },
        }
        for service in services
        for exchange in ("events", "profiles")
    ]

"""What must hold on a running Préau, as a list of named checks over its databases and queues.

A service's engineers add theirs to `INVARIANTS`. A check returns what breaks it, in identifiers only: no name, no
address, no text of a person.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from deploy.local.environment import PURPOSES
from services.billing.store import invariants as billing
from services.billing.store.invariants_of_arrears import FIGURES as BILLING_FIGURES
from services.identity.store import invariants as identity
from services.notifications.store import invariants as notifications
from services.partners.store import invariants as partners
from services.requests.store import invariants as requests
from services.reservations.store import invariants as reservations
from shared.mongo import Database

DRAIN_SECONDS = 10.0
POLL_SECONDS = 0.2
PENDING = {"outbox.id": {"$exists": True}}


@dataclass(frozen=True)
class System:
    """`databases`: by service, for reading; `waiting`: messages in a queue, None when there is no such queue."""

    databases: Mapping[str, Database]
    waiting: Callable[[str], Awaitable[int | None]]


@dataclass(frozen=True)
class Invariant:
    """`broken` returns one line per thing that breaks it; none when it holds."""

    name: str
    broken: Callable[[System], Awaitable[list[str]]]


async def events_that_stay(system: System, patience: float = DRAIN_SECONDS) -> list[str]:
    """Events that wait now and still do that many seconds later: younger ones have their time."""
    found = await asyncio.gather(*(_stuck(service, db, patience) for service, db in system.databases.items()))
    return [line for lines in found for line in lines]


async def _stuck(service: str, db: Database, patience: float) -> list[str]:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    stuck = await _pending(db)
    while stuck and loop.time() < deadline:
        await asyncio.sleep(POLL_SECONDS)
        stuck &= await _pending(db)
    return [f"{service}: event {event_id} waits in {collection}" for collection, event_id in sorted(stuck)]


async def _pending(db: Database) -> set[tuple[str, str]]:
    names = [name for name in await db.list_collection_names() if not name.startswith("system.")]
    return {
        (name, entry["id"])
        for name in names
        async for document in db[name].find(PENDING, {"outbox.id": 1})
        for entry in document["outbox"]
    }


async def parked_messages(system: System) -> list[str]:
    queues = [f"{service}.{purpose}.parking" for service in system.databases for purpose in PURPOSES]
    counts = [(queue, await system.waiting(queue)) for queue in queues]
    return [f"{queue}: {count} messages" for queue, count in counts if count]


async def relays_not_at_work(system: System) -> list[str]:
    """A service whose relay ever led must have one that leads now; two cannot, the lease is one document."""
    return [service for service, db in system.databases.items() if await _has_lapsed(db)]


async def _has_lapsed(db: Database) -> bool:
    lapsed = {"_id": "relay", "$expr": {"$lt": ["$until", "$$NOW"]}}
    return await db["leases"].count_documents(lapsed) > 0


def _of(service: str, checks: Mapping[str, Callable[[Database], Awaitable[list[str]]]]) -> list[Invariant]:
    """A service's own, over its own database."""

    def on_its_database(check: Callable[[Database], Awaitable[list[str]]]) -> Callable[[System], Awaitable[list[str]]]:
        return lambda system: check(system.databases[service])

    return [Invariant(f"{service}: {name}", on_its_database(check)) for name, check in checks.items()]


@dataclass(frozen=True)
class Figure:
    """Something worth knowing that is no fault: how much of it there is."""

    name: str
    count: Callable[[System], Awaitable[int]]


def _figure(service: str, name: str, count: Callable[[Database], Awaitable[int]]) -> Figure:
    return Figure(f"{service}: {name}", lambda system: count(system.databases[service]))


FIGURES = [_figure("billing", name, count) for name, count in BILLING_FIGURES.items()]
INVARIANTS = [
    Invariant("every event leaves its outbox within ten seconds", events_that_stay),
    Invariant("no message is parked", parked_messages),
    Invariant("one relay is at work per service", relays_not_at_work),
    *_of("identity", identity.INVARIANTS),
    *_of("reservations", reservations.INVARIANTS),
    *_of("billing", billing.INVARIANTS),
    *_of("notifications", notifications.INVARIANTS),
    *_of("requests", requests.INVARIANTS),
    *_of("partners", partners.INVARIANTS),
]

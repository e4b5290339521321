"""`python -m benchmarks.partners`: what partners cost publishers, and how fast a million events are replayed.

Three sections, on a broker and a database of its own: (1) publishing with confirms, without partners and with 200
subscriptions of 20 types each that are fed at the same time; (2) replay of a million events of one town, read page by
page, minimised to a profile, through the cursor API's use case; (3) the same replay into a partner's AMQP queue, from
which the partner takes and acknowledges meanwhile.
"""

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import aio_pika
import aiohttp

from benchmarks.partners_rig import BASE, BOOKED, NOW, TOWN, Backends, drain, envelope, serve, started
from benchmarks.town_files import put
from services.partners.app.door import Door
from services.partners.domain.recording import entries_of
from services.partners.domain.subscriptions import Subscription, queue_of, topics_of
from services.partners.store import SCHEMA, FeedStore, LogStore, SubscriptionStore
from services.partners.usecases.read_events import read_events
from shared import mongo as driver
from shared.ids import new_id, uuid7
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.mongo import Database

EVENTS = 1_000_000
PARTNERS, TYPES = 200, 20
PUBLISHED, ROUNDS = 4_000, 5
PAGE = 500
PROFILE = "town_software"


@dataclass(frozen=True)
class Figures:
    """Rates per second; `fed`: events that left for partners while section 1 published."""

    alone: float
    beside: float
    fed: float
    read: float
    pushed: float


async def subscribed(db: Database, door: Door, count: int, types: Sequence[str], position: int) -> list[str]:
    subscriptions, feeds, room = SubscriptionStore(db, lambda _: None), FeedStore(db, uuid7()), asyncio.Semaphore(16)

    async def one(number: int) -> str:
        made = Subscription(
            id=new_id("psb"),
            municipality_id=TOWN,
            client_id=f"cli_{number}",
            name=f"Partenaire {number}",
            profile=PROFILE,
            types=tuple(types),
            kind="amqp",
            created_by="acc_bench",
            created_at=NOW,
        )
        async with room:
            await door.make_queue(made.id)
        await subscriptions.add(made)
        await feeds.add(made.id, TOWN, position)
        return made.id

    return await asyncio.gather(*(one(number) for number in range(count)))


# --- the sections ---------------------------------------------------------------------------------------------------


async def publishing(broker: Broker) -> float:
    """Events a second, as a relay publishes: 50 at a time in one message, the confirm of each pass awaited."""
    entries = []
    for _ in range(PUBLISHED):
        one = envelope()
        body = json.dumps(one)
        entries.append({"id": one["id"], "type": BOOKED, "exchange": "events", "subject": "", "body": body})
    began = time.perf_counter()
    for start in range(0, PUBLISHED, PAGE // 5):
        assert all(await broker.publish_all(entries[start : start + PAGE // 5]))
    return PUBLISHED / (time.perf_counter() - began)


async def beside_partners(backends: Backends, db: Database, door: Door) -> tuple[float, float, float]:
    """Without and with partners, in turns; the medians, and how many events a second left for partners."""
    context = multiprocessing.get_context("spawn")
    types = [BOOKED, *sorted(topics_of(PROFILE) - {BOOKED})][:TYPES]
    await subscribed(db, door, PARTNERS, types, 0)
    alone, beside, fed = [], [], []
    async with Broker(backends.amqp_url) as broker:
        await publishing(broker)
        for _ in range(ROUNDS):
            alone.append(await publishing(broker))
            ready, stop = context.Event(), context.Event()
            process = context.Process(target=serve, args=(backends, ready, stop))
            process.start()
            await asyncio.to_thread(ready.wait)
            await asyncio.sleep(3)
            before, began = await _sum(db), time.perf_counter()
            beside.append(await publishing(broker))
            # A position is saved every second.
            await asyncio.sleep(1.5)
            fed.append((await _sum(db) - before) / (time.perf_counter() - began))
            stop.set()
            await asyncio.to_thread(process.join)
    return statistics.median(alone), statistics.median(beside), statistics.median(fed)


async def _sum(db: Database) -> int:
    return sum([one["position"] async for one in db["feeds"].find({}, {"position": 1})])


async def filled(db: Database, count: int) -> None:
    """The log of a town that had so many events, written as the reader writes it."""
    await db["log"].delete_many({})
    store = LogStore(db)
    for _ in range(0, count, PAGE * 4):
        await store.append([entry for _ in range(PAGE * 4) for entry in entries_of(envelope())])


async def reading(db: Database, count: int) -> float:
    """The cursor API's use case, page after page, as one partner asks."""
    subscription = Subscription(
        id="psb_r",
        municipality_id=TOWN,
        client_id="cli_r",
        name="r",
        profile=PROFILE,
        created_by="a",
        created_at=NOW,
    )
    store, after, read = LogStore(db), 0, 0
    began = time.perf_counter()
    while read < count:
        page = await read_events(subscription, after, (), PAGE, base=BASE, events=store)
        # As the door joins them.
        b",".join(one.body for one in page.events)
        read, after = read + len(page.events), page.after
    return count / (time.perf_counter() - began)


async def pushing(backends: Backends, db: Database, door: Door, count: int) -> float:
    """A replay from the beginning into a queue, from which the partner takes meanwhile."""
    context = multiprocessing.get_context("spawn")
    await db["subscriptions"].delete_many({})
    await db["feeds"].delete_many({})
    (name,) = await subscribed(db, door, 1, (), 0)
    ready, stop, done = context.Event(), context.Event(), context.Event()
    partner = context.Process(target=drain, args=(backends, queue_of(name), count, done))
    service = context.Process(target=serve, args=(backends, ready, stop))
    partner.start()
    service.start()
    await asyncio.to_thread(ready.wait)
    began = time.perf_counter()
    await asyncio.to_thread(done.wait)
    seconds = time.perf_counter() - began
    stop.set()
    await asyncio.to_thread(service.join)
    await asyncio.to_thread(partner.join)
    return count / seconds


async def measure(events: int = EVENTS) -> Figures:
    async with started() as backends, aiohttp.ClientSession() as session:
        client = driver.connect(backends.mongo_url)
        db = driver.database(client, "partners")
        await driver.apply(db, SCHEMA)
        async with await aio_pika.connect(backends.amqp_url) as connection:
            # Two services listen besides, as in a whole Préau.
            queues = [topology.Queue(name, "events", (BOOKED,)) for name in ("billing", "notifications")]
            await topology.declare(await connection.channel(), queues)
        door = Door(session, amqp_url=backends.door_url, api_url=backends.api_url)
        await door.prepare(queues=1_000, queue_length=100_000)
        alone, beside, fed = await beside_partners(backends, db, door)
        print(
            f"published {alone:,.0f}/s alone, {beside:,.0f}/s beside partners; {fed:,.0f}/s left for them", flush=True
        )
        await filled(db, events)
        read = await reading(db, events)
        print(f"read {read:,.0f}/s", flush=True)
        pushed = await pushing(backends, db, door, events)
        print(f"pushed {pushed:,.0f}/s", flush=True)
        client.close()
    return Figures(alone, beside, fed, read, pushed)


def section(found: Figures, events: int = EVENTS) -> list[str]:
    share = 1 - found.beside / found.alone
    return [
        "## What partners cost, and a replay",
        "",
        f"{PARTNERS} subscriptions of {TYPES} types each, all of one town, each with its AMQP queue, fed while a relay "
        f"publishes {PUBLISHED:,} bookings; in turns with and without them, medians of {ROUNDS} rounds. The partners "
        "service, the broker and the publisher share the machine's cores.",
        "",
        "| | events a second |",
        "|---|---|",
        f"| published with confirms, nobody subscribed | {found.alone:,.0f} |",
        f"| published with confirms, beside {PARTNERS} partners | {found.beside:,.0f} ({-share:+.0%}) |",
        f"| left for partners meanwhile | {found.fed:,.0f} |",
        f"| replay of {events:,} events, asked for page by page ({PAGE}) and minimised | {found.read:,.0f} |",
        f"| replay of {events:,} events into a queue, taken and acknowledged by the partner | {found.pushed:,.0f} |",
        "",
    ]


async def main(events: int) -> None:
    found = await measure(events)
    load = [f"Load average of the machine at its end: {os.getloadavg()[0]:.1f} (2 cores are busy at 2).", ""]
    put([*section(found, events), *load])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else EVENTS))

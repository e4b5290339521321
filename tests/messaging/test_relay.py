"""From the outbox of a document to the broker: at least once, in order per document, by one relay at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aio_pika.abc import AbstractChannel

from shared import mongo
from shared.messaging import relay as relaying
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer
from shared.messaging.envelope import pack
from shared.messaging.relay import Relay
from shared.mongo import CollectionSchema, Database, Schema
from tests.messaging.things import EVENTS, NOW, PATIENCE, Listener, ThingHappened, ThingShown, entries

SCHEMA = Schema(version=1, collections={name: CollectionSchema(tells=True) for name in ("things", "others")})


@pytest.fixture
async def db(database: Database) -> Database:
    await mongo.apply(database, SCHEMA)
    return database


class Exchange:
    """Stands where the broker stands: takes what it is told to, and shows what it was given."""

    def __init__(self, takes: Callable[[dict[str, str]], bool] = lambda _: True) -> None:
        self.takes = takes
        self.given: list[str] = []
        self._more = asyncio.Condition()

    async def publish_all(self, offered: Sequence[dict[str, str]]) -> list[bool]:
        async with self._more:
            self.given += [entry["id"] for entry in offered]
            self._more.notify_all()
        return [self.takes(entry) for entry in offered]

    async def wait_for(self, *ids: str) -> None:
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: set(ids) <= set(self.given))


def relay_to(exchange: Any, db: Database) -> Relay:
    return Relay(db, exchange, SCHEMA.telling)


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[Relay]:
    task = asyncio.create_task(relay.run())
    yield relay
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def put(db: Database, name: str, outbox: Sequence[dict[str, str]], *, collection: str = "things") -> list[str]:
    """A document with something to tell; the ids of its events."""
    await db[collection].insert_one({"_id": name, "outbox": list(outbox)})
    return [entry["id"] for entry in outbox]


async def left(db: Database, name: str, *, collection: str = "things") -> list[str]:
    """The ids of the events the document still has to tell."""
    found = await db[collection].find_one({"_id": name})
    assert found is not None
    return [entry["id"] for entry in found["outbox"]]


async def until_told(db: Database, *names: str, collection: str = "things") -> None:
    async with asyncio.timeout(PATIENCE):
        while any([await left(db, name, collection=collection) for name in names]):
            continue


async def let_the_lease_lapse(db: Database) -> None:
    await db["leases"].update_one({"_id": "relay"}, [{"$set": {"until": {"$subtract": ["$$NOW", 1]}}}])


# --- with a real broker --------------------------------------------------------------------------------------------


async def test_what_a_document_tells_reaches_its_listener_and_leaves_the_document(db: Database, broker: Broker) -> None:
    listener = Listener()
    consumer = Consumer(broker, EVENTS, {ThingHappened: listener})
    await consumer.start()
    async with running(relay_to(broker, db)) as relay:
        ids = await put(db, "one", entries(1, 2, 3))
        relay.wake("things")
        heard = await listener.wait_for(3)
        await until_told(db, "one")
    await consumer.stop()

    assert [told.id for told in heard] == ids
    assert listener.numbers == [1, 2, 3]


async def test_a_profile_nobody_is_bound_to_waits_and_goes_once_somebody_is(
    db: Database, broker: Broker, channel: AbstractChannel
) -> None:
    queue = await channel.get_queue("billing.profiles")
    await queue.unbind("preau.profiles", ThingShown.topic)
    shown = pack([ThingShown(name="Zoé")], subject="t", sequence=1, municipality_id="m", at=NOW)
    await put(db, "shown", shown)
    await put(db, "other", entries(1))
    relay = relay_to(broker, db)
    await relay.flush()
    assert await left(db, "shown") == [shown[0]["id"]]
    assert await left(db, "other") == []

    await queue.bind("preau.profiles", ThingShown.topic)
    await relay_to(broker, db).flush()

    assert await left(db, "shown") == []
    message = await queue.get(no_ack=True, timeout=PATIENCE)
    assert message is not None
    assert message.message_id == shown[0]["id"]


async def test_more_than_one_batch_goes_in_one_pass(db: Database, broker: Broker) -> None:
    count = relaying.BATCH * 2 + 1
    await db["things"].insert_many([{"_id": number, "outbox": entries(number)} for number in range(count)])

    await relay_to(broker, db).flush()

    assert await db["things"].count_documents({"outbox.id": {"$exists": True}}) == 0


# --- order and marks -----------------------------------------------------------------------------------------------


async def test_only_what_the_broker_confirmed_is_marked(db: Database) -> None:
    (taken,) = await put(db, "taken", entries(1))
    (refused,) = await put(db, "refused", entries(2))
    exchange = Exchange(lambda entry: entry["id"] == taken)

    await relay_to(exchange, db).flush()

    assert await left(db, "taken") == []
    assert await left(db, "refused") == [refused]


async def test_after_an_unconfirmed_event_none_of_the_same_document_is_sent(db: Database) -> None:
    first, second, third = await put(db, "one", entries(1, 2, 3))
    exchange = Exchange(lambda entry: entry["id"] != second)

    await relay_to(exchange, db).flush()

    assert exchange.given == [first, second]
    assert await left(db, "one") == [second, third]


async def test_the_events_of_a_document_go_in_their_order_when_the_broker_takes_them_again(db: Database) -> None:
    ids = await put(db, "one", entries(1, 2, 3))
    exchange = Exchange(lambda _: False)
    relay = relay_to(exchange, db)
    await relay.flush()
    exchange.takes = lambda _: True

    await relay_to(exchange, db).flush()

    assert exchange.given == [ids[0], *ids]
    assert await left(db, "one") == []


async def test_documents_the_broker_does_not_take_do_not_hold_back_the_others(db: Database) -> None:
    """Even when they are more than a batch."""
    stuck = {number: entries(number) for number in range(relaying.BATCH + 10)}
    await db["things"].insert_many([{"_id": number, "outbox": outbox} for number, outbox in stuck.items()])
    await put(db, "late", entries(1))
    ids = {entry["id"] for outbox in stuck.values() for entry in outbox}

    await relay_to(Exchange(lambda entry: entry["id"] not in ids), db).flush()

    assert await left(db, "late") == []


async def test_an_event_written_while_others_are_sent_stays_for_the_next_pass(db: Database) -> None:
    (first,) = await put(db, "one", entries(1))
    (later,) = entries(2)

    class Slow(Exchange):
        async def publish_all(self, offered: Sequence[dict[str, str]]) -> list[bool]:
            await db["things"].update_one({"_id": "one"}, {"$push": {"outbox": later}})
            return await super().publish_all(offered)

    exchange = Slow(lambda entry: entry["id"] == first)
    relay = relay_to(exchange, db)
    await relay.flush()

    assert later["id"] in await left(db, "one")
    assert first not in await left(db, "one")


# --- hints ---------------------------------------------------------------------------------------------------------


async def test_a_lost_hint_delays_an_event_and_loses_none(db: Database) -> None:
    exchange = Exchange()
    async with running(relay_to(exchange, db)):
        ids = await put(db, "one", entries(1))
        await exchange.wait_for(*ids)

    assert exchange.given == ids


async def test_hints_of_a_busy_collection_do_not_starve_the_others(db: Database) -> None:
    exchange = Exchange()
    async with running(relay_to(exchange, db)) as relay:

        async def keep_hinting() -> None:
            while True:
                relay.wake("things")
                await asyncio.sleep(0)

        hinting = asyncio.create_task(keep_hinting())
        ids = await put(db, "one", entries(1), collection="others")
        await exchange.wait_for(*ids)
        hinting.cancel()

    assert exchange.given == ids


async def test_a_broker_that_is_away_does_not_end_the_relay(db: Database) -> None:
    class Away(Exchange):
        times = 1

        async def publish_all(self, offered: Sequence[dict[str, str]]) -> list[bool]:
            if self.times:
                self.times -= 1
                raise ConnectionError
            return await super().publish_all(offered)

    exchange = Away()
    async with running(relay_to(exchange, db)) as relay:
        ids = await put(db, "one", entries(1))
        relay.wake("things")
        await exchange.wait_for(*ids)

    assert exchange.times == 0


# --- the lease -----------------------------------------------------------------------------------------------------


async def test_of_two_relays_one_sends(db: Database) -> None:
    leading, waiting = Exchange(), Exchange()
    async with running(relay_to(leading, db)) as first:
        ids = await put(db, "one", entries(1))
        first.wake("things")
        await leading.wait_for(*ids)
        async with running(relay_to(waiting, db)) as second:
            more = await put(db, "two", entries(2))
            second.wake("things")
            await leading.wait_for(*more)

    assert waiting.given == []


async def test_many_relays_that_start_at_once_send_each_event_once(db: Database) -> None:
    exchange = Exchange()
    await put(db, "one", entries(1, 2, 3))
    relays = [relay_to(exchange, db) for _ in range(5)]

    await asyncio.gather(*(relay._pass(SCHEMA.telling) for relay in relays))

    assert len(exchange.given) == len(set(exchange.given)) == 3


async def test_a_relay_that_died_is_followed_when_its_lease_is_over(db: Database) -> None:
    gone = relay_to(Exchange(), db)
    assert await gone._lead()
    exchange = Exchange()
    await put(db, "one", entries(1))
    await relay_to(exchange, db)._pass(SCHEMA.telling)
    assert exchange.given == []

    await let_the_lease_lapse(db)
    await relay_to(exchange, db)._pass(SCHEMA.telling)

    assert len(exchange.given) == 1


async def test_a_relay_that_leaves_gives_its_lease_back_at_once(db: Database) -> None:
    await relay_to(Exchange(), db).flush()
    exchange = Exchange()
    ids = await put(db, "one", entries(1))

    await relay_to(exchange, db).flush()

    assert exchange.given == ids


async def test_a_relay_that_leaves_does_not_take_the_lease_from_who_has_it(db: Database) -> None:
    leader = relay_to(Exchange(), db)
    assert await leader._lead()

    await relay_to(Exchange(), db).flush()

    assert await db["leases"].count_documents({"_id": "relay"}) == 1


async def test_what_was_sent_but_not_marked_is_sent_again(db: Database) -> None:
    """A crash between confirm and mark: the next relay sends the same event under the same id."""

    class Crashing(Exchange):
        async def publish_all(self, offered: Sequence[dict[str, str]]) -> list[bool]:
            await super().publish_all(offered)
            raise ConnectionError

    crashed, exchange = Crashing(), Exchange()
    ids = await put(db, "one", entries(1))
    with pytest.raises(ConnectionError):
        await relay_to(crashed, db)._pass(SCHEMA.telling)
    await let_the_lease_lapse(db)

    await relay_to(exchange, db)._pass(SCHEMA.telling)

    assert crashed.given == exchange.given == ids

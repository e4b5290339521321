"""The whole service, with a real database and broker: from a town told to a paid place."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import pytest
from aio_pika import Message
from aiohttp.test_utils import TestClient, TestServer

from services.reservations.app import build, migrate
from services.reservations.settings import Settings
from services.reservations.store import INVARIANTS, SCHEMA
from shared.auth import Role
from shared.contracts import Event
from shared.contracts.billing import OrderPaid, PricesSet, UnitPrice
from shared.messaging.broker import Broker
from shared.messaging.envelope import events_in, pack
from shared.mongo import Database
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed
from tests.reservations.rig import ATELIER, JOURNEE, NOW, REPAS, TOWN, joined, programme, settings_of_town, town_file

ENROLMENTS = "reference_enfant;programme;site;classe;debut;fin\n" + "".join(
    f"E1-1;{code};ecole-des-tilleuls;CE1;01/09/2025;03/07/2026\n" for code in ("restaurant", "loisirs", "ateliers")
)


@pytest.fixture
async def signer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def settings(mongo_url: str, database: Database, amqp_url: str) -> Settings:
    return Settings(
        http_port=0,
        jwks_url="http://127.0.0.1:1/unused",
        mongo_url=mongo_url,
        mongo_database=database.name,
        amqp_url=amqp_url,
        sweep_seconds=0.05,
    )


@pytest.fixture
async def broker(settings: Settings) -> AsyncIterator[Broker]:
    await migrate(settings)
    async with Broker(settings.amqp_url) as broker:
        yield broker


@pytest.fixture
async def site(settings: Settings, database: Database, broker: Broker, signer: Issuer) -> AsyncIterator[Http]:
    app = build(settings=settings, db=database, broker=broker, tokens=signer.tokens(), clock=lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def heard(settings: Settings, broker: Broker) -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
    """What reservations told, as another service would hear it."""
    facts: list[tuple[str, dict[str, Any]]] = []
    connection = await aio_pika.connect(settings.amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind("preau.events", "reservations.#")

        async def note(message: Any) -> None:
            told = events_in(message.body, message.content_type)
            facts.extend((str(message.routing_key).split(".")[1], envelope["data"]) for envelope in told)

        await queue.consume(note, no_ack=True)
        yield facts


async def tell(broker: Broker, event: Event, subject: str) -> None:
    (entry,) = pack([event], subject=subject, sequence=1, municipality_id=TOWN, at=NOW)
    message = Message(entry["body"].encode(), message_id=entry["id"])
    await broker.publish(f"preau.{entry['exchange']}", entry["type"], message)


async def until(get: Any, good: Any) -> Any:
    """What `get` answers once it is good."""
    async with asyncio.timeout(30):
        while not good(found := await get()):
            continue
        return found


async def told(facts: list[tuple[str, dict[str, Any]]], name: str) -> dict[str, Any]:
    async def look() -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        return [fact for kind, fact in facts if kind == name]

    return (await until(look, bool))[0]


async def set_up_town(site: Http, broker: Broker, signer: Issuer) -> None:
    """As a town hall and the other services would."""
    manager, files = signer.agent(TOWN, Role.MANAGER), {"municipality_id": TOWN}
    await tell(broker, settings_of_town(), TOWN)
    catalogue = town_file().model_dump(mode="json", by_alias=True)

    async def import_programmes() -> int:
        """The town's settings may arrive at the same moment."""
        answer = await site.post("/api/v1/programme-imports", params=files, json=catalogue, headers=manager)
        return answer.status

    await until(import_programmes, lambda status: status == 201)
    csv = {**manager, "Content-Type": "text/csv"}
    enrolled = await site.post("/api/v1/enrolment-imports", params=files, data=ENROLMENTS, headers=csv)
    assert (await enrolled.json())["created"] == 3
    await tell(broker, joined(1, 1), "hsh_1")
    prices = (UnitPrice(activity_id=REPAS, cents=415), UnitPrice(activity_id=JOURNEE, cents=1200))
    set_prices = PricesSet(household_id="hsh_1", municipality_id=TOWN, prices=prices, quotient_known=True)
    await tell(broker, set_prices, f"hsh_1/{TOWN}")


async def test_from_a_town_told_to_a_paid_place(
    site: Http, broker: Broker, signer: Issuer, database: Database, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    parent = signer.guardian("hsh_1", TOWN)
    await set_up_town(site, broker, signer)

    async def cart_with(activity: str, day: str) -> Any:
        line = {"child_id": "chd_1_1", "activity_id": activity, "date": day, "action": "book"}
        return await (await site.post("/api/v1/cart/lines", json=line, headers=parent)).json()

    await until(lambda: cart_with(REPAS, "2026-03-09"), lambda cart: cart.get("postpaid_total_cents") == 415)
    await cart_with(ATELIER, "2026-03-09")
    cart = await cart_with(JOURNEE, "2026-03-11")
    assert (cart["prepaid_total_cents"], cart["unpriced_lines"]) == (1200, 1)
    done = await site.post("/api/v1/cart/validation", json={"mode": "all"}, headers=keyed(parent))
    (order,) = (await done.json())["orders"]
    assert (await told(heard, "places_held"))["order_id"] == order["order_id"]
    for _ in range(3):
        await tell(broker, paid(order["order_id"]), "pay_1")

    async def wednesday() -> str:
        query = {"programme_id": programme("loisirs")}
        month = await (await site.get("/api/v1/children/chd_1_1/months/2026-03", params=query, headers=parent)).json()
        return str(next(day["state"] for day in month["activities"][0]["days"] if day["date"] == "2026-03-11"))

    await until(wednesday, lambda state: state == "booked")
    assert [line for check in INVARIANTS.values() for line in await check(database)] == []


def paid(order_id: str) -> OrderPaid:
    return OrderPaid(
        payment_id="pay_1",
        order_id=order_id,
        household_id="hsh_1",
        municipality_id=TOWN,
        amount_cents=1200,
        paid_at=NOW,
    )


async def test_an_unpaid_order_is_swept_by_the_running_service(
    site: Http, broker: Broker, signer: Issuer, database: Database, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    lines = [
        {
            "child_id": "chd_1_1",
            "programme_id": programme("loisirs"),
            "activity_id": JOURNEE,
            "date": "2026-03-11",
        }
    ]
    order = {
        "_id": "ord_1",
        "household_id": "hsh_1",
        "municipality_id": TOWN,
        "lines": lines,
        "state": "held",
        "told": True,
        "version": 1,
        "exp": NOW.replace(year=2020),
    }

    await database["orders"].insert_one(order)

    released = await told(heard, "places_released")
    assert (released["order_id"], released["reason"]) == ("ord_1", "expired")


async def test_migrating_twice_is_harmless(settings: Settings, broker: Broker, database: Database) -> None:
    await migrate(settings)

    assert await database["schema"].find_one({}) == {"_id": "version", "version": SCHEMA.version}

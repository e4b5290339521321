"""The whole service, with a real database, broker and mail server."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aio_pika import Message
from aiohttp.test_utils import TestClient, TestServer

from services.notifications.app import build, migrate
from services.notifications.settings import Settings
from services.notifications.store import SCHEMA
from shared.auth import Role
from shared.contracts import Event
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from shared.mongo import Database
from tests.callers import Issuer
from tests.notifications.samples import BOOKED, INVITED, NOW, PROFILED, SET
from tests.notifications.test_sending import MailServer


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = MailServer()
    async with server.running():
        yield server


@pytest.fixture
def settings(mongo_url: str, database: Database, amqp_url: str, server: MailServer) -> Settings:
    return Settings(
        http_port=0,
        jwks_url="",
        mongo_url=mongo_url,
        mongo_database=database.name,
        amqp_url=amqp_url,
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        sender="Préau <ne-pas-repondre@preau.example>",
        portal_url="https://preau.example",
    )


@pytest.fixture
async def broker(settings: Settings) -> AsyncIterator[Broker]:
    await migrate(settings)
    async with Broker(settings.amqp_url) as broker:
        yield broker


@pytest.fixture
async def site(settings: Settings, database: Database, broker: Broker, issuer: Issuer) -> AsyncIterator[Any]:
    app = build(settings=settings, db=database, broker=broker, tokens=issuer.tokens(), clock=lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield client


async def tell(broker: Broker, event: Event) -> None:
    (entry,) = pack([event], subject="subject", sequence=1, municipality_id="sainte-aurore", at=NOW)
    message = Message(entry["body"].encode(), message_id=entry["id"])
    await broker.publish(f"preau.{entry['exchange']}", entry["type"], message)


async def eventually_knows_the_household(db: Database) -> None:
    async with asyncio.timeout(20):
        while await db["households"].find_one({}) is None:
            continue


async def eventually_reads(site: Any, headers: dict[str, str], wanted: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        while True:
            items: list[dict[str, Any]] = (await (await site.get("/api/v1/messages", headers=headers)).json())["items"]
            if len(items) >= wanted:
                return items


async def test_an_invitation_told_by_identity_arrives_as_a_mail(site: Any, broker: Broker, server: MailServer) -> None:
    await tell(broker, SET)
    await tell(broker, INVITED)

    async with asyncio.timeout(30):
        await server.arrived.wait()

    assert server.recipients == [INVITED.email]


async def test_a_booking_and_a_news_item_reach_the_family_s_space(
    site: Any, broker: Broker, issuer: Issuer, database: Database
) -> None:
    parent = issuer.guardian("hsh_1", "sainte-aurore")
    await tell(broker, SET)
    await tell(broker, PROFILED)
    await eventually_knows_the_household(database)
    await tell(broker, BOOKED)
    await eventually_reads(site, parent, 1)

    new = {"municipality_id": "sainte-aurore", "title": "Fermeture", "category": "Information", "body": "<p>Lundi</p>"}
    await site.post("/api/v1/news", json=new, headers=issuer.agent("sainte-aurore", Role.EDITOR))

    items = await eventually_reads(site, parent, 2)
    assert [item["kind"] for item in items] == ["news_published", "booking_confirmed"]
    assert items[0]["body"] == "Fermeture"


async def test_migrating_twice_is_harmless(settings: Settings, broker: Broker, database: Database) -> None:
    await migrate(settings)

    assert await database["schema"].find_one({}) == {"_id": "version", "version": SCHEMA.version}

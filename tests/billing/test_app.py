"""The whole service, with a real database, broker and PayFiP stand-in: from a closed month to a paid invoice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import aio_pika
import pytest
from aio_pika import Message
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer, unused_port

from deploy.sandbox.app import Addresses
from services.billing.app import build, migrate
from services.billing.settings import Settings
from services.billing.store import INVARIANTS, SCHEMA
from shared.auth import Role
from shared.contracts import Event, Told
from shared.contracts.identity import (
    AdhesionJoined,
    HouseholdProfiled,
    MunicipalitySet,
    ProfiledChild,
    ProfiledGuardian,
)
from shared.contracts.reservations import ProgrammeActivity, ProgrammePublished
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from shared.mongo import Database
from tests.billing.samples import (
    CANTEEN,
    CHILD_ID,
    HOUSEHOLD_ID,
    MEAL,
    NOW,
    TOWN_ID,
    month_closed,
    settings,
    sheet_closed,
    told,
)
from tests.callers import Issuer

SET = MunicipalitySet(
    municipality_id=TOWN_ID,
    name="Sainte-Aurore",
    time_zone="Europe/Paris",
    school_zone="B",
    public_holidays="metropole",
    contact_email="mairie@sainte-aurore.example",
    contact_phone="04 00 00 00 00",
    contact_address="1 place de la Mairie",
    opening_view="agenda",
    services=(),
)
PUBLISHED = ProgrammePublished(
    municipality_id=TOWN_ID,
    programme_id=CANTEEN,
    name="Restaurant scolaire",
    billing_mode="postpaid",
    regulation_version=1,
    activities=(ProgrammeActivity(activity_id=MEAL, name="REPAS"),),
)
PROFILED = HouseholdProfiled(
    household_id=HOUSEHOLD_ID,
    name="Martin",
    municipality_ids=(TOWN_ID,),
    guardians=(
        ProfiledGuardian(
            guardian_id="grd_1",
            civility="Mme",
            first_name="Claire",
            last_name="Martin",
            email="claire@courriel.example",
        ),
    ),
    children=(ProfiledChild(child_id=CHILD_ID, first_name="Zoé", last_name="Martin", birth_date=date(2018, 3, 4)),),
    address="3 rue des Tilleuls",
)
JOINED = AdhesionJoined(
    household_id=HOUSEHOLD_ID,
    municipality_id=TOWN_ID,
    family_file_id="ff_1",
    family_reference="F001",
    resident=True,
    children=(),
)
TARIFF = {
    "cash_offices": [
        {
            "id": "regie-restauration",
            "name": "Régie restauration",
            "payfip_client": "012345",
            "structure_id": "123456",
            "programmes": ["restaurant"],
            "payment_days": 30,
        }
    ],
    "grids": [
        {
            "id": "repas",
            "version": 1,
            "valid_from": "2024-09-01",
            "activities": ["repas"],
            "audience": "everyone",
            "brackets": [{"from": "0", "to": "622", "cents": 100}, {"from": "622.01", "to": None, "cents": 415}],
        }
    ],
}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def whole(mongo_url: str, database: Database, amqp_url: str, sandbox: Addresses) -> Settings:
    return settings(
        mongo_url=mongo_url,
        mongo_database=database.name,
        amqp_url=amqp_url,
        gateway_url=f"http://127.0.0.1:{unused_port()}",
        portal_url="https://preau.example",
        payfip_endpoint=f"{sandbox.payment}/tpa/services/securite",
        payfip_page=f"{sandbox.payment}/tpa/paiementws.web",
    )


@pytest.fixture
async def broker(whole: Settings) -> AsyncIterator[Broker]:
    await migrate(whole)
    async with Broker(whole.amqp_url) as broker:
        yield broker


@pytest.fixture
async def site(whole: Settings, database: Database, broker: Broker, issuer: Issuer) -> AsyncIterator[Any]:
    app = build(settings=whole, db=database, broker=broker, tokens=issuer.tokens(), clock=lambda: NOW)
    port = int(whole.gateway_url.rpartition(":")[2])
    async with TestClient(TestServer(app, port=port)) as client:
        yield client


@pytest.fixture
async def heard(whole: Settings, broker: Broker) -> AsyncIterator[list[str]]:
    """Topics billing told, as another service would hear them."""
    topics: list[str] = []
    connection = await aio_pika.connect(whole.amqp_url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for exchange in ("preau.events", "preau.profiles"):
            await queue.bind(exchange, "billing.#")

        async def note(message: Any) -> None:
            topics.append(str(message.routing_key))

        await queue.consume(note, no_ack=True)
        yield topics


async def tell(broker: Broker, message: Told[Any] | Event) -> None:
    said = message if isinstance(message, Told) else told(message, subject="subject")
    (entry,) = pack(
        [said.event], subject=said.subject, sequence=said.sequence, municipality_id=said.municipality_id, at=said.time
    )
    await broker.publish(
        f"preau.{entry['exchange']}", entry["type"], Message(entry["body"].encode(), message_id=entry["id"])
    )


async def until(get: Any, good: Any) -> Any:
    """What `get` answers once it is good."""
    async with asyncio.timeout(30):
        while not good(found := await get()):
            continue
        return found


async def import_tariff(site: Any, issuer: Issuer) -> None:
    headers = issuer.agent(TOWN_ID, Role.MANAGER)

    async def send() -> int:
        address = f"/api/v1/tariff-imports?municipality_id={TOWN_ID}"
        return int((await site.post(address, json=TARIFF, headers=headers)).status)

    await until(send, lambda status: status == 201)


async def test_a_closed_month_becomes_a_paid_invoice(
    site: Any, broker: Broker, issuer: Issuer, payer: ClientSession, database: Database, heard: list[str]
) -> None:
    parent = issuer.guardian(HOUSEHOLD_ID, TOWN_ID)
    for event in (SET, PUBLISHED, PROFILED, JOINED):
        await tell(broker, event)
    await import_tariff(site, issuer)
    sheet = sheet_closed(*range(2, 19))
    await tell(broker, month_closed(1))
    await tell(broker, sheet)
    await tell(broker, replace(sheet, id="again"))

    async def invoices() -> Any:
        return await (await site.get("/api/v1/invoices", headers=parent)).json()

    (invoice,) = await until(invoices, lambda found: found)
    assert (invoice["number"], invoice["total_cents"]) == ("F2026-000001", 7055)

    async def document() -> Any:
        return await site.get(f"/api/v1/invoices/{invoice['id']}/pdf", headers=parent)

    pdf = await (await until(document, lambda answer: answer.status == 200)).read()
    assert pdf.startswith(b"%PDF-")

    begun = await site.post(
        "/api/v1/payments",
        json={"invoice_ids": [invoice["id"]]},
        headers={**parent, "Idempotency-Key": "key-0000001"},
    )
    idop = (await begun.json())["redirect_url"].rpartition("=")[2]
    wish = {"result": "paid", "notify": "twice", "browser": "returns"}
    async with payer.post(f"/sandbox/payments/{idop}/outcome", json=wish) as played:
        calls = (await played.json())["calls"]
    assert [call["status"] for call in calls] == [200, 200, 303]

    (paid,) = await until(invoices, lambda found: found[0]["state"] == "paid")
    assert not paid["payable"]
    wanted = {"prices_set", "invoice_issued", "invoice_document", "invoices_paid"}

    async def topics() -> list[str]:
        await asyncio.sleep(0)
        return heard

    await until(topics, lambda said: wanted <= {topic.split(".")[1] for topic in said})
    assert heard.count("billing.invoices_paid.v1") == 1
    assert [line for check in INVARIANTS.values() for line in await check(database)] == []


async def test_migrating_twice_is_harmless(whole: Settings, broker: Broker, database: Database) -> None:
    await migrate(whole)

    assert await database["schema"].find_one({}) == {"_id": "version", "version": SCHEMA.version}

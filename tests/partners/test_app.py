"""The whole service, with a real database and broker: an event on the stream arrives signed at the example receiver."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.partners.app import build, migrate
from services.partners.settings import Settings
from shared.auth import Role
from shared.clock import system_clock
from shared.contracts import Event
from shared.contracts.billing import InvoiceIssued
from shared.contracts.identity import PartnerSet
from shared.contracts.reservations_at_the_door import MealOrderFrozen
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from shared.mongo import Database
from tests.callers import Issuer
from tests.journeys.clock import eventually
from tests.partners.programs import running
from tests.partners.samples import CLIENT, DATA, FROZEN, ISSUED, TOWN

SUBSCRIPTIONS = "/api/v1/partner-subscriptions"
LET_IN = PartnerSet(client_id=CLIENT, municipality_ids=(TOWN,), scopes=("events.read",), active=True)


@pytest.fixture
def settings(mongo_url: str, database: Database, amqp_url: str) -> Settings:
    return Settings(
        http_port=0,
        jwks_url="",
        mongo_url=mongo_url,
        mongo_database=database.name,
        amqp_url=amqp_url,
        secrets_key=f"test:{'7c' * 32}",
        webhook_anywhere=True,
    )


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(system_clock)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def broker(settings: Settings) -> AsyncIterator[Broker]:
    await migrate(settings)
    async with Broker(settings.amqp_url) as broker:
        yield broker


@pytest.fixture
async def site(settings: Settings, database: Database, broker: Broker, issuer: Issuer) -> AsyncIterator[Any]:
    app = build(settings=settings, db=database, broker=broker, tokens=issuer.tokens(), clock=system_clock)
    async with TestClient(TestServer(app)) as client:
        yield client


async def tell(broker: Broker, event: Event, subject: str) -> None:
    entries = pack([event], subject=subject, sequence=1, municipality_id=TOWN, at=system_clock())
    assert await broker.publish_all(entries) == [True]


async def asked(site: Any, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
    async with site.request(method, f"{SUBSCRIPTIONS}{path}", headers=headers, json=body) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json() if answer.status != 204 else None


async def test_an_event_on_the_stream_arrives_signed_and_is_sent_again(
    site: Any, broker: Broker, issuer: Issuer, database: Database, tmp_path: Path
) -> None:
    manager, kept = issuer.agent(TOWN, Role.MANAGER), tmp_path / "events.jsonl"
    await tell(broker, MealOrderFrozen(**DATA[FROZEN]), "mor_1")
    await tell(broker, InvoiceIssued(**DATA[ISSUED]), "inv_1")
    await tell(broker, LET_IN, CLIENT)

    async def let_in() -> Any:
        return await database["partners"].find_one({"_id": CLIENT})

    await eventually("the partner account", let_in)
    description = {"name": "Cuisine", "profile": "kitchen", "url": "http://127.0.0.1:9/"}
    body = {**description, "client_id": CLIENT, "kind": "webhook", "start": "beginning"}
    made = await asked(site, "POST", f"?municipality_id={TOWN}", manager, body)
    one, secret = f"/{made['subscription_id']}", made["shown_once"]["secret"]
    async with running("webhook_receiver.py", "0", str(kept), PREAU_WEBHOOK_SECRET=secret) as program:
        url = (await program.line()).removeprefix("listening on ")
        await asked(site, "PUT", one, {**manager, "If-Match": "*"}, {**description, "url": url})
        tried = await asked(site, "POST", f"{one}/pings", manager)

        async def arrived() -> list[Any]:
            lines = map(json.loads, kept.read_text().splitlines() if kept.exists() else ())
            return [event for event in lines if event["type"] == FROZEN]

        (event,) = await eventually("the frozen order", arrived)
        await asked(site, "POST", f"{one}/replays", manager, {"start": "beginning"})

        async def twice() -> bool:
            (delivery,) = (await asked(site, "GET", f"{one}/deliveries", manager))["items"]
            return [attempt["taken"] for attempt in delivery["attempts"]][-2:] == [True, True]

        await eventually("the second delivery", twice)
        assert len(await arrived()) == 1

    assert tried["taken"]
    assert event["data"] == DATA[FROZEN]
    assert event["dataschema"].endswith(f"/api/v1/partner-profiles/kitchen/{FROZEN}")
    await asked(site, "DELETE", one, manager)
    assert await database["webhooks"].count_documents({}) == 0

"""The whole service on a real broker: what it hears becomes what it knows, what is filed and answered is told."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import aio_pika
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.requests.app import build, migrate, sweeping
from services.requests.http import parts
from services.requests.messages import HANDLERS
from services.requests.settings import Settings
from services.requests.store import SCHEMA, RequestStore
from shared.contracts import Event
from shared.contracts.identity import HouseholdProfiled, MunicipalitySet, ProfiledChild, ProfiledGuardian
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from shared.mongo import Client, Database
from tests.callers import Issuer
from tests.requests.conftest import Door
from tests.requests.filing_cabinet import FILES_KEY
from tests.requests.samples import CHILD, DRAFT, HOUSEHOLD, NOW, TOWN, entry

REUNION = MunicipalitySet(
    municipality_id=TOWN,
    name="Sainte-Aurore",
    time_zone="Indian/Reunion",
    school_zone="A",
    public_holidays="la-reunion",
    contact_email="mairie@example.org",
    contact_phone="",
    contact_address="",
    opening_view="agenda",
    services=(),
)
PROFILE = HouseholdProfiled(
    household_id=HOUSEHOLD,
    name="Martin",
    municipality_ids=(TOWN,),
    guardians=(ProfiledGuardian(guardian_id="grd_1", civility="Mme", first_name="Camille", last_name="Martin"),),
    children=(ProfiledChild(child_id=CHILD, first_name="Zoé", last_name="Martin", birth_date=date(2019, 5, 1)),),
    address="3 rue des Lilas",
)


@pytest.fixture
async def broker(amqp_url: str, migrated: Database, mongo_url: str) -> AsyncIterator[Broker]:
    """A migrated broker."""
    await migrate(settings(mongo_url, migrated.name, amqp_url))
    async with Broker(amqp_url) as broker:
        yield broker


def settings(mongo_url: str, name: str, amqp_url: str, jwks_url: str = "unused") -> Settings:
    return Settings(
        http_port=0,
        jwks_url=jwks_url,
        mongo_url=mongo_url,
        mongo_database=name,
        amqp_url=amqp_url,
        files_key=FILES_KEY,
    )


@pytest.fixture
async def door(db: Database, mongo_url: str, amqp_url: str, broker: Broker) -> AsyncIterator[Door]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    own = settings(mongo_url, db.name, amqp_url, issuer.jwks_url)
    app = build(settings=own, db=db, broker=broker, tokens=issuer.tokens(), clock=lambda: NOW)
    async with TestClient(TestServer(app)) as client:
        yield Door(client, issuer, db)
    await issuer.stop()


async def tell(broker: Broker, event: Event, subject: str) -> None:
    entries = pack([event], subject=subject, sequence=1, municipality_id=TOWN, at=NOW)
    assert await broker.publish_all(entries) == [True]


async def next_change(db: Database, collection: str, do: Any) -> dict[str, Any]:
    """The document written after `do`."""
    async with db[collection].watch(full_document="updateLookup") as changes:
        await do()
        change = await changes.next()
    found: dict[str, Any] = change["fullDocument"]
    return found


async def test_what_identity_tells_is_known_and_no_more_than_needed(door: Door, broker: Broker) -> None:
    town = await next_change(door.db, "municipalities", lambda: tell(broker, REUNION, TOWN))
    household = await next_change(door.db, "households", lambda: tell(broker, PROFILE, HOUSEHOLD))

    known = {"name": "Sainte-Aurore", "time_zone": "Indian/Reunion", "public_holidays": "la-reunion"}
    assert town == {"_id": TOWN, **known, "sequence": 1}
    profile = household.pop("profile")
    assert household == {"_id": HOUSEHOLD, "children": {CHILD: "Zoé"}, "sequence": 1}
    assert profile.keys() == {"name", "address", "guardians", "children"}
    reachable = {"guardian_id", "civility", "first_name", "last_name", "email", "phone"}
    assert all(guardian.keys() == reachable for guardian in profile["guardians"])
    assert profile["children"][CHILD].keys() == {"first_name", "last_name", "birth_date"}


async def test_what_is_filed_and_answered_reaches_the_other_services(door: Door, broker: Broker, amqp_url: str) -> None:
    await door.client.app[parts.HOUSEHOLDS].keep(HOUSEHOLD, {CHILD: "Zoé"}, 1)
    await door.set_categories(entry())
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        for exchange in ("preau.events", "preau.profiles"):
            await queue.bind(exchange, "requests.#")

        request_id = await door.filed()
        decision = {"decision": "accepted", "message": "C'est noté."}
        await door.call("POST", f"/requests/{request_id}/answer", door.agent(), json=decision)

        heard = []
        async with queue.iterator(timeout=20, no_ack=True) as messages:
            async for message in messages:
                heard.append(message.routing_key)
                if len(heard) == 4:
                    break

    assert sorted(map(str, heard)) == [
        "requests.acknowledgement_written.v1",
        "requests.answer_written.v1",
        "requests.request_answered.v1",
        "requests.request_filed.v1",
    ]


async def test_what_is_left_behind_goes_as_soon_as_the_service_runs(door: Door) -> None:
    await RequestStore(door.db, lambda _: None).add(DRAFT)

    deleted = door.db["requests"].watch([{"$match": {"operationType": "delete"}}])
    async with deleted as changes, sweeping(door.client.app, 3600, lambda: NOW + timedelta(days=31)):
        change = await changes.next()

    assert change["documentKey"] == {"_id": DRAFT.id}


async def test_migrating_again_changes_nothing(
    mongo_client: Client, mongo_url: str, amqp_url: str, migrated: Database
) -> None:
    for _ in range(2):
        await migrate(settings(mongo_url, migrated.name, amqp_url))

    found = await migrated["schema"].find_one({"_id": "version"})
    assert found == {"_id": "version", "version": SCHEMA.version}


def test_every_message_heard_has_its_handler() -> None:
    assert [contract.topic for contract in HANDLERS] == [
        "identity.municipality_set.v1",
        "identity.household_profiled.v1",
        "identity.agent_roles_set.v1",
        "identity.adhesion_joined.v1",
        "identity.adhesion_ended.v1",
        "reservations.child_enrolled.v1",
        "reservations.enrolment_ended.v1",
        "billing.contestation_written.v1",
        "identity.households_merged.v1",
        "identity.households_unmerged.v1",
        "privacy.export_asked.v1",
        "privacy.erasure_asked.v1",
        "privacy.household_erased.v1",
    ]

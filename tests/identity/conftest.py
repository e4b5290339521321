"""Identity on a real database, with the clock in hand; what it tells is read from the outboxes."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

import services.identity
from services.identity.app import put_together
from services.identity.domain.municipalities import TownFile
from services.identity.http import ROUTES
from services.identity.http.parts import PARTS, Parts
from services.identity.settings import Settings
from services.identity.store import SCHEMA, write_first_sealing_key
from services.identity.usecases.set_town import set_town
from shared import mongo
from shared.audit import TRAIL
from shared.audit.trail import Trail
from shared.auth import Role
from shared.mongo import Client, Database
from shared.service import new_app
from tests.callers import ISSUER, Issuer
from tests.emptying import empty
from tests.identity.samples import AURORE, EMILE, JEANNE, MAIL, OTHER_TOWN, PASSWORD, TOWN, MovableClock, table

FOLDER = Path(services.identity.__file__).parent


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    """Its key is the service's own, so that tests can also sign for callers the service never saw."""
    issuer = Issuer(clock)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture(scope="session")
async def migrated(mongo_client: Client) -> AsyncIterator[Database]:
    name = f"test_identity_{uuid4().hex}"
    database = mongo.database(mongo_client, name)
    await mongo.apply(database, SCHEMA)
    yield database
    await mongo_client.drop_database(name)


@pytest.fixture
async def db(migrated: Database) -> Database:
    """A migrated database with nothing in it."""
    await empty(migrated)
    return migrated


@pytest.fixture
def settings(issuer: Issuer, tmp_path: Path) -> Settings:
    key_file = tmp_path / "key.json"
    key_file.write_text(json.dumps(issuer.key.as_dict(private=True)))
    write_first_sealing_key(tmp_path / "encryption-keys.json")
    return Settings(
        http_port=0,
        jwks_url=issuer.jwks_url,
        issuer=ISSUER,
        mongo_url="mongodb://unused",
        mongo_database="unused",
        amqp_url="amqp://unused",
        signing_key_file=key_file,
    )


@pytest.fixture
async def parts(settings: Settings, db: Database, clock: MovableClock) -> AsyncIterator[Parts]:
    parts = put_together(settings, db, lambda _: None, clock)
    yield parts
    await parts.close()


class Door:
    """The service as its callers meet it."""

    def __init__(self, client: TestClient[Any, Any], issuer: Issuer, parts: Parts, db: Database) -> None:
        self.client = client
        self.issuer = issuer
        self.parts = parts
        self.db = db
        self.manager = issuer.agent(AURORE, Role.MANAGER)
        self.registrar = issuer.agent(AURORE, Role.REGISTRAR)

    async def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        return await read(self.client.get(f"/api/v1/{path}", headers=headers))

    async def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        return await read(self.client.post(f"/api/v1/{path}", json=body, headers=headers))

    async def send(self, path: str, text: str, headers: dict[str, str]) -> tuple[int, Any]:
        """A CSV table."""
        full = {**headers, "Content-Type": "text/csv"}
        return await read(self.client.post(f"/api/v1/{path}", data=BytesIO(text.encode()), headers=full))

    async def told(self, topic: str) -> list[dict[str, Any]]:
        """The envelopes of a topic, oldest first."""
        found = []
        for name in SCHEMA.telling:
            async for document in self.db[name].find({"outbox.type": topic}):
                found += [json.loads(one["body"]) for one in document["outbox"] if one["type"] == topic]
        return sorted(found, key=lambda envelope: str(envelope["id"]))

    async def codes(self, email: str) -> list[str]:
        """The codes written to an address, oldest first."""
        letters = [one["data"] for one in await self.told("identity.invitation_issued.v1")]
        return [letter["code"] for letter in letters if letter["email"] == email]

    async def invited(self, *lines: Any, town: str = AURORE, email: str = MAIL) -> str:
        """A family imported and invited; its code."""
        headers = self.issuer.agent(town, Role.REGISTRAR)
        path = f"family-imports?municipality_id={town}&invite=true"
        status, report = await self.send(path, table(*(lines or (JEANNE, EMILE))), headers)
        assert (status, report["refused"]) == (201, []), report
        return (await self.codes(email))[-1]

    async def joined(self, password: str = PASSWORD) -> dict[str, str]:
        """Request headers of Claire, whose family registered; her token is the service's own."""
        code = await self.invited()
        status, session = await self.post("registrations", registration(code, password=password))
        assert status == 201, session
        return bearer(session)


def bearer(session: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


def registration(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "email": MAIL,
        "password": PASSWORD,
        "family_name": "Lefèvre",
        "guardians": [
            {"civility": "Mme", "first_name": "Claire", "last_name": "Lefèvre", "phone": "06 39 98 00 00"},
            {"civility": "M.", "first_name": "Thomas", "last_name": "Lefèvre"},
        ],
        "children": [
            {"reference": "E1", "first_name": "Jeanne", "last_name": "Lefèvre"},
            {"reference": "E2", "first_name": "Émile", "last_name": "Lefèvre"},
        ],
        **changes,
    }


async def read(sending: Any) -> tuple[int, Any]:
    response: ClientResponse = await sending
    return response.status, await response.json() if response.content_type.endswith("json") else await response.text()


SetTown = Callable[[dict[str, Any]], Awaitable[str]]


@pytest.fixture
def open_town(parts: Parts) -> SetTown:
    """Create a town as the command does; the manager's code."""

    async def create(town: dict[str, Any]) -> str:
        file = TownFile.model_validate_json(json.dumps(town))
        done = await set_town(file, towns=parts.towns, accounts=parts.accounts, codes=parts.codes, clock=parts.clock)
        return done.activation_code or ""

    return create


@pytest.fixture
async def door(
    parts: Parts, issuer: Issuer, db: Database, clock: MovableClock, open_town: SetTown
) -> AsyncIterator[Door]:
    """Sainte-Aurore and Le Val-Doré exist, nobody has joined."""
    app: web.Application = new_app("identity", FOLDER, ROUTES, issuer.tokens(), clock)
    app[PARTS] = parts
    app[TRAIL] = Trail("identity", db, lambda _: None)
    await open_town(TOWN)
    await open_town(OTHER_TOWN)
    async with TestClient(TestServer(app)) as client:
        yield Door(client, issuer, parts, db)

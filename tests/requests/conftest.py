"""The database of requests as `migrate` leaves it, and the service behind its door without a broker."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.requests import app as requests_app
from services.requests.http import ROUTES, parts
from services.requests.settings import Settings
from services.requests.store import SCHEMA, FileStore
from shared import mongo
from shared.auth import Role
from shared.mongo import Client, Database
from shared.service import new_app
from tests.callers import Issuer
from tests.requests.filing_cabinet import FILES_KEY
from tests.requests.samples import CHILD, HOUSEHOLD, NOW, OTHER_HOUSEHOLD, OTHER_TOWN, TOWN, entry, pdf

KEY = {"Idempotency-Key": "a-fresh-random-key"}


@pytest.fixture(scope="session")
async def migrated(mongo_client: Client) -> AsyncIterator[Database]:
    """Made once: its many indexes take longer than most tests."""
    name = f"test_{uuid4().hex}"
    database = mongo.database(mongo_client, name)
    await mongo.apply(database, SCHEMA)
    yield database
    await mongo_client.drop_database(name)


@pytest.fixture
async def db(migrated: Database) -> Database:
    """Without any document."""
    for name in SCHEMA.collections:
        await migrated[name].delete_many({})
    return migrated


@dataclass
class Door:
    """The service as callers meet it."""

    client: TestClient[Any, Any]
    issuer: Issuer
    db: Database
    woken: list[str] = field(default_factory=list)

    @property
    def parent(self) -> dict[str, str]:
        return self.issuer.guardian(HOUSEHOLD, TOWN)

    @property
    def files(self) -> FileStore:
        return self.client.app[parts.FILES]

    @property
    def stranger(self) -> dict[str, str]:
        """A parent of another household of the same town."""
        return self.issuer.guardian(OTHER_HOUSEHOLD, TOWN)

    def agent(self, *roles: Role, town: str = TOWN) -> dict[str, str]:
        return self.issuer.agent(town, *(roles or (Role.REGISTRAR,)))

    async def call(self, method: str, path: str, caller: dict[str, str], **more: Any) -> tuple[int, Any]:
        """Status and JSON body."""
        headers = {**caller, **more.pop("headers", {})}
        async with self.client.request(method, f"/api/v1{path}", headers=headers, **more) as answer:
            return answer.status, await answer.json() if answer.content_length else None

    async def set_categories(self, *entries: dict[str, Any], town: str = TOWN) -> Any:
        body = {"categories": list(entries)}
        path = f"/request-category-imports?municipality_id={town}"
        return await self.call("POST", path, self.agent(Role.MANAGER, town=town), json=body)

    async def draft(self, **changes: Any) -> str:
        """The id of a new draft of the parent."""
        body = {
            "category_id": f"{TOWN}.personne-autorisee",
            "child_id": CHILD,
            "answers": {"nom": "Dupont", "depuis": "2026-12-01"},
            **changes,
        }
        status, draft = await self.call("POST", "/requests", self.parent, json=body)
        assert status == 201, draft
        return str(draft["request_id"])

    async def attach(self, request_id: str, data: bytes, slot: str = "piece-identite", **more: Any) -> tuple[int, Any]:
        headers = {"Content-Type": more.pop("declared", "application/pdf")}
        caller = more.pop("caller", self.parent)
        return await self.call(
            "PUT", f"/requests/{request_id}/attachments/{slot}", caller, data=io.BytesIO(data), headers=headers, **more
        )

    async def filed(self) -> str:
        """The id of a request the parent has filed."""
        request_id = await self.draft()
        await self.attach(request_id, pdf())
        headers = {"Idempotency-Key": f"key-of-{request_id}"}
        status, body = await self.call("POST", f"/requests/{request_id}/submission", self.parent, headers=headers)
        assert status == 201, body
        return request_id

    async def told(self, request_id: str) -> list[dict[str, str]]:
        """What waits in the outbox."""
        found = await self.db["requests"].find_one({"_id": request_id})
        assert found
        return list(found.get("outbox", []))


@pytest.fixture
async def door(db: Database) -> AsyncIterator[Door]:
    """A town with one category and a household with one child."""
    async with opened(db) as door:
        yield door


@asynccontextmanager
async def opened(db: Database, **changes: Any) -> AsyncIterator[Door]:
    """`changes`: of the settings."""
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    settings = Settings(
        http_port=0,
        jwks_url=issuer.jwks_url,
        mongo_url="mongodb://unused",
        mongo_database=db.name,
        amqp_url="unused",
        **{"files_key": FILES_KEY, **changes},
    )
    woken: list[str] = []
    app = new_app("requests", Path(requests_app.__file__).parent.parent, ROUTES, issuer.tokens(), lambda: NOW)
    requests_app.add_parts(app, settings, db, woken.append)
    async with TestClient(TestServer(app)) as client:
        door = Door(client, issuer, db, woken)
        await app[parts.TOWNS].keep(TOWN, "Europe/Paris", 1)
        await app[parts.HOUSEHOLDS].keep(HOUSEHOLD, {CHILD: "Zoé"}, 1)
        for town in (TOWN, OTHER_TOWN):
            status, body = await door.set_categories(entry(), town=town)
            assert status == 201, body
        yield door
    await issuer.stop()

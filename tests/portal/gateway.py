"""A gateway that answers what a test lays down for it, and remembers what it was asked."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.portal.app import build
from services.portal.sessions import SCHEMA
from services.portal.settings import Settings
from shared import mongo
from shared.clock import Clock
from shared.mongo import Database

GRANTED = {"access_token": "at-1", "refresh_token": "rt-1", "expires_in": 600}
PARENT = {"account_id": "acc_1", "email": "claire@example.org", "household_id": "hsh_1", "roles": {}}
Laid = tuple[int, Any, dict[str, str]]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class FakeGateway:
    """`answers` by method and path below /api/v1, each used once until the last, which stays."""

    answers: dict[tuple[str, str], list[Laid]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def lay(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault((method, path), []).append((status, body, named))

    def times(self, method: str, path: str) -> int:
        return sum((one.method, one.path) == (method, path) for one in self.asked)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path.removeprefix("/api/v1")
        self.asked.append(Asked(request.method, path, dict(request.headers), await request.text()))
        laid = self.answers[request.method, path]
        status, body, headers = laid.pop(0) if len(laid) > 1 else laid[0]
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers=headers)
        return web.json_response(body, status=status, headers=headers)


@asynccontextmanager
async def answering(gateway: FakeGateway) -> AsyncIterator[str]:
    """Its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", gateway.answer)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


def settings(gateway_url: str, **changed: Any) -> Settings:
    values = {"http_port": 1, "jwks_url": "", "mongo_url": "", "gateway_url": gateway_url}
    return Settings(**{**values, **changed})


Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def portal_before(
    gateway: FakeGateway, database: Database, clock: Clock, **changed: Any
) -> AsyncIterator[Client]:
    """A portal in front of that gateway, asked by a client that keeps cookies and follows no redirect by itself."""
    async with AsyncExitStack() as stack:
        url = changed.pop("gateway_url", None) or await stack.enter_async_context(answering(gateway))
        await mongo.apply(database, SCHEMA)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        app = build(settings=settings(url, **changed), db=database, http=http, clock=clock)
        yield await stack.enter_async_context(TestClient(TestServer(app)))

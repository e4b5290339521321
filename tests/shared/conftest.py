"""A clock one can move, an issuer of tokens, and a door with one route of each kind."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared.auth import Caller, Role
from shared.errors import Refused, TooMany, Unavailable
from shared.money import Cents
from shared.service import new_app
from shared.web import ANYONE, GUARDIAN, Answer, Body, Int, Key, Route, agent, guardian_or_agent, read_limited
from tests.callers import Issuer

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass
class MovableClock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def issuer(clock: MovableClock) -> AsyncIterator[Issuer]:
    issuer = Issuer(clock)
    await issuer.start()
    yield issuer
    await issuer.stop()


class Thing(Body):
    name: str
    count: Int = 1


class Search(Body):
    size: int = 10


class Shown(Answer):
    text: str


async def greet(request: web.Request, caller: Caller | None) -> Shown:
    return Shown(text=caller.account_id if caller else "nobody")


async def greet_members(request: web.Request, caller: Caller) -> Shown:
    return Shown(text=caller.account_id)


async def make(request: web.Request, body: Thing) -> Shown:
    return Shown(text=f"{body.name} {body.count}")


async def pay(request: web.Request, body: Thing, key: Key) -> Shown:
    return Shown(text=f"{key.value} {key.fingerprint}")


async def search(request: web.Request, query: Search) -> list[Shown]:
    return [Shown(text=str(query.size))]


async def forget(request: web.Request) -> None:
    """Nothing to say."""


async def store(request: web.Request) -> Shown:
    return Shown(text=str(len(await read_limited(request, 1024))))


async def manage(request: web.Request, caller: Caller) -> Shown:
    return Shown(text=caller.agent_of(request.match_info["municipality_id"], Role.MANAGER))


async def home(request: web.Request, caller: Caller) -> Shown:
    return Shown(text=caller.household())


class WindowClosed(Refused):
    """A refusal with a fact of each kind."""

    code = "window-closed"
    title = "Not possible"
    sentence = "%(limit)s, %(day)s, %(price)s, %(who)s"
    remedy = "Ask %(who)s"


FAILURES: dict[str, Callable[[], Exception]] = {
    "window": lambda: WindowClosed(
        limit=START, day=START.date(), price=Cents(415), who="Léa", rule="j-2", rule_version=3, price_cents=Cents(415)
    ),
    "unavailable": lambda: Unavailable(retry_after=7),
    "too-many": lambda: TooMany(30),
    "bug": lambda: ZeroDivisionError("anna@example.org"),
    "transient": lambda: ConnectionResetError("anna@example.org"),
}


async def fail(request: web.Request) -> None:
    raise FAILURES[request.match_info["how"]]()


ROUTES = [
    Route(method="GET", path="/greeting", handler=greet, who=ANYONE, answer=Shown),
    Route(method="POST", path="/things", handler=make, who=ANYONE, body=Thing, answer=Shown, status=201),
    Route(method="POST", path="/payments", handler=pay, who=ANYONE, body=Thing, answer=Shown, status=201, keyed=True),
    Route(method="GET", path="/things", handler=search, who=ANYONE, query=Search, answer=list[Shown]),
    Route(method="DELETE", path="/things", handler=forget, who=ANYONE),
    Route(method="PUT", path="/files", handler=store, who=ANYONE, takes="text/csv, application/pdf", answer=Shown),
    Route(method="GET", path="/towns/{municipality_id}", handler=manage, who=agent(Role.MANAGER), answer=Shown),
    Route(method="GET", path="/home", handler=home, who=GUARDIAN, answer=Shown),
    Route(method="GET", path="/both", handler=greet_members, who=guardian_or_agent(), answer=Shown),
    Route(method="GET", path="/failures/{how}", handler=fail, who=ANYONE),
]


@pytest.fixture
async def site(issuer: Issuer, clock: MovableClock) -> AsyncIterator[TestClient[Any, Any]]:
    app = new_app("test", Path(__file__).parent, ROUTES, issuer.tokens(), clock)
    async with TestClient(TestServer(app)) as client:
        yield client

"""What an orchestrator hears: alive, ready, and the figures."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from shared.health import READINESS, Check, add_health


async def fine() -> None:
    """Answers."""


async def broken() -> None:
    raise ConnectionError


@asynccontextmanager
async def asking(checks: Mapping[str, Check]) -> AsyncIterator[TestClient[Any, Any]]:
    app = web.Application()
    add_health(app, checks)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_process_whose_loop_turns_is_alive_whatever_else_fails() -> None:
    async with asking({"database": broken}) as client:
        assert (await client.get("/livez")).status == 200


async def test_a_process_with_nothing_to_check_is_ready() -> None:
    async with asking({}) as client:
        answer = await client.get("/readyz")

        assert answer.status == 200
        assert await answer.json() == {"ready": True, "failing": []}


async def test_what_fails_is_named() -> None:
    async with asking({"database": fine, "broker": broken}) as client:
        answer = await client.get("/readyz")

        assert answer.status == 503
        assert await answer.json() == {"ready": False, "failing": ["broker"]}


async def test_a_draining_process_is_not_ready_but_alive() -> None:
    async with asking({"database": fine}) as client:
        app = client.server.app  # type: ignore[attr-defined]  # what TestServer was given
        app[READINESS].draining = True

        assert (await (await client.get("/readyz")).json())["failing"] == ["draining"]
        assert (await client.get("/livez")).status == 200


async def test_who_asks_while_the_first_checks_run_does_not_hear_that_all_is_well() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        began.set()
        await may_end.wait()

    async with asking({"database": slow}) as client:
        first = asyncio.create_task(client.get("/readyz").__aenter__())
        await began.wait()
        meanwhile = await client.get("/readyz")
        may_end.set()

        assert meanwhile.status == 503
        assert (await first).status == 200


async def test_checks_are_not_repeated_for_every_question() -> None:
    asked = 0

    async def counted() -> None:
        nonlocal asked
        asked += 1

    async with asking({"database": counted}) as client:
        for _ in range(5):
            await client.get("/readyz")

    assert asked == 1


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
async def test_the_figures_are_given_in_the_format_asked_for(accept: str) -> None:
    async with asking({}) as client:
        answer = await client.get("/metrics", headers={"Accept": accept} if accept else {})

        assert answer.status == 200
        assert "preau_http_seconds" in await answer.text()
        assert ("openmetrics" in answer.headers["Content-Type"]) == bool(accept)

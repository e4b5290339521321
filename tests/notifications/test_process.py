"""The program itself: migrate, run, send a mail, stop when asked, and say nothing of anybody in its log."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from deploy.local import ports
from shared.messaging.broker import Broker
from shared.mongo import Database
from tests.notifications.samples import INVITED, SET
from tests.notifications.test_app import tell
from tests.notifications.test_sending import MailServer

PATIENCE = 40.0


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = MailServer()
    async with server.running():
        yield server


@pytest.fixture
def environment(mongo_url: str, database: Database, amqp_url: str, server: MailServer) -> dict[str, str]:
    (port,) = ports.free(1)
    own = {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": database.name,
        "AMQP_URL": amqp_url,
        "HTTP_PORT": str(port),
        "JWKS_URL": "http://127.0.0.1:1/jwks",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(server.port),
        "SENDER": "Préau <ne-pas-repondre@preau.example>",
        "PORTAL_URL": "https://preau.example",
    }
    return {**os.environ, **{f"NOTIFICATIONS_{key}": value for key, value in own.items()}}


@asynccontextmanager
async def started(environment: dict[str, str], *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.notifications", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def until_ready(environment: dict[str, str]) -> None:
    address = f"http://127.0.0.1:{environment['NOTIFICATIONS_HTTP_PORT']}/readyz"
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientConnectionError):
                if (await session.get(address)).status == 200:
                    return


async def test_it_migrates_sends_stops_when_asked_and_logs_no_personal_data(
    environment: dict[str, str], server: MailServer
) -> None:
    async with asyncio.timeout(PATIENCE), started(environment, "migrate") as migrating:
        assert await migrating.wait() == 0

    async with started(environment) as process:
        await until_ready(environment)
        async with Broker(environment["NOTIFICATIONS_AMQP_URL"]) as broker:
            await tell(broker, SET)
            await tell(broker, INVITED)
        async with asyncio.timeout(PATIENCE):
            await server.arrived.wait()

        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate()

    assert process.returncode == 0
    assert b"service_stopped" in output
    assert b'"outcome": "sent"' in output
    for secret in (INVITED.email, INVITED.code, INVITED.addressee):
        assert secret.encode() not in output


async def test_a_misspelt_variable_stops_it_at_once(environment: dict[str, str]) -> None:
    async with started({**environment, "NOTIFICATIONS_SMTP_HOTS": "x"}) as process, asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()

    assert process.returncode == 1
    assert b"NOTIFICATIONS_SMTP_HOTS" in output

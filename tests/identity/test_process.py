"""The program itself: migrate, create a town, run, with a real broker."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import aiohttp
import pytest

from deploy.local import ports
from shared.mongo import Client, database
from tests.identity.samples import OTHER_TOWN, TOWN

Environment = dict[str, str]


@pytest.fixture
async def environment(
    mongo_url: str, mongo_client: Client, amqp_url: str, tmp_path: Path
) -> AsyncIterator[Environment]:
    name = f"test_{uuid4().hex}"
    (port,) = ports.free(1)
    own = {
        "MONGO_URL": mongo_url,
        "MONGO_DATABASE": name,
        "AMQP_URL": amqp_url,
        "HTTP_PORT": str(port),
        "JWKS_URL": f"http://127.0.0.1:{port}/.well-known/jwks.json",
        "SIGNING_KEY_FILE": str(tmp_path / "key.json"),
    }
    yield {**os.environ, **{f"IDENTITY_{key}": value for key, value in own.items()}}
    await mongo_client.drop_database(name)


async def start(environment: Environment, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.identity",
        *arguments,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def command(environment: Environment, *arguments: str) -> tuple[int | None, str, str]:
    process = await start(environment, *arguments)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def written(folder: Path, name: str, town: Any) -> str:
    path = folder / name
    path.write_text(json.dumps(town))
    return str(path)


async def test_towns_are_created_by_the_command_and_updated_when_repeated(
    environment: Environment, mongo_client: Client, tmp_path: Path
) -> None:
    await command(environment, "migrate")
    files = [written(tmp_path, "one.json", TOWN), written(tmp_path, "two.json", OTHER_TOWN)]
    status, out, _ = await command(environment, "create-town", *files)
    printed = [json.loads(line) for line in out.splitlines()]
    renamed = written(tmp_path, "one.json", {**TOWN, "name": "Sainte-Aurore-les-Bains"})
    again, _, _ = await command(environment, "create-town", renamed)

    assert (status, again) == (0, 0)
    assert [one["municipality_id"] for one in printed] == ["sainte-aurore", "le-val-dore"]
    assert all(set(one) == {"municipality_id", "manager_email", "activation_code"} for one in printed)
    towns = database(mongo_client, environment["IDENTITY_MONGO_DATABASE"])["municipalities"]
    assert {one["name"] async for one in towns.find()} == {"Sainte-Aurore-les-Bains", "Le Val-Doré"}


async def test_one_town_file_that_is_not_right_stops_them_all(environment: Environment, tmp_path: Path) -> None:
    broken = {**TOWN, "time_zone": "Europe/Aurore"}
    files = [written(tmp_path, "one.json", OTHER_TOWN), written(tmp_path, "two.json", broken)]
    status, out, err = await command(environment, "create-town", *files)

    assert (status, out) == (1, "")
    assert "time_zone" in err


async def test_unknown_words_are_answered_with_the_usage(environment: Environment) -> None:
    assert (await command(environment, "create-towns"))[0] == 2


async def test_a_variable_nobody_reads_is_refused(environment: Environment) -> None:
    status, _, err = await command({**environment, "IDENTITY_SIGNING_KEY": "x"}, "migrate")

    assert status != 0
    assert "IDENTITY_SIGNING_KEY" in err


async def test_the_service_starts_answers_tells_and_stops(environment: Environment, tmp_path: Path) -> None:
    await command(environment, "migrate")
    await command(environment, "create-town", written(tmp_path, "one.json", TOWN))
    async with await aio_pika.connect(environment["IDENTITY_AMQP_URL"]) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind("preau.events", "identity.#")
        process = await start(environment)
        try:
            heard = {await next_topic(queue) for _ in range(2)}
            towns = await asked(environment, "/api/v1/municipalities")
            ready = await asked(environment, "/readyz")
        finally:
            process.send_signal(signal.SIGTERM)
            out, _ = await process.communicate()

    assert heard == {"identity.municipality_set.v1", "identity.agent_roles_set.v1"}
    assert [one["municipality_id"] for one in towns] == ["sainte-aurore"]
    assert ready["ready"]
    assert process.returncode == 0
    assert "helene" not in out.decode()


async def next_topic(queue: Any) -> str:
    async with asyncio.timeout(20), queue.iterator() as messages:
        async for message in messages:
            await message.ack()
            return str(message.routing_key)
    raise AssertionError


async def asked(environment: Environment, path: str) -> Any:
    url = f"http://127.0.0.1:{environment['IDENTITY_HTTP_PORT']}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()

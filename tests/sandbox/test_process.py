"""`python -m deploy.sandbox` as a process."""

import asyncio
import json
import os
import signal
import sys

import pytest

pytestmark = pytest.mark.enable_socket

PORTS = {"SANDBOX_MAIL_PORT": "0", "SANDBOX_SMTP_PORT": "0", "SANDBOX_PAYMENT_PORT": "0"}


async def start(**environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.sandbox",
        env={**os.environ, **PORTS, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_starts_says_where_and_stops_cleanly_when_told() -> None:
    process = await start()
    assert process.stdout is not None
    started = json.loads(await process.stdout.readline())
    assert started["event"] == "sandbox_started"
    process.send_signal(signal.SIGTERM)
    output, errors = await process.communicate()
    assert (process.returncode, json.loads(output)["event"], errors) == (0, "sandbox_stopped", b"")


async def test_a_setting_nobody_reads_is_refused() -> None:
    process = await start(SANDBOX_MAILPORT="1")
    _, errors = await process.communicate()
    assert process.returncode != 0
    assert b"SANDBOX_MAILPORT" in errors

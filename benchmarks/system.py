"""A Préau of its own to measure: started on free ports with new data, found by its processes, stopped afterwards."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local import mongo, rabbit
from deploy.local.check import opened
from deploy.local.installation import of_running
from deploy.local.invariants import PENDING
from deploy.local.invariants import System as Parts
from deploy.local.ports import NEEDS, variable
from deploy.local.running import Running, State

SERVICES = ("identity", "reservations", "billing", "notifications", "requests", "partners", "gateway", "portal")
# One load generator stands for a thousand families: the bound per caller would measure itself.
UNBOUNDED = {"GATEWAY_ACCOUNT_RATE": "100000000", "GATEWAY_ADDRESS_RATE": "100000000"}
LOOK_SECONDS = 0.15
TELLING = {"reservations": ("sheets",), "billing": ("price_lists",)}


@dataclass(frozen=True)
class System:
    """`parts`: its databases and queues, connected to once, so that looking at them costs the servers little."""

    running: Running
    state: Path
    parts: Parts

    @property
    def gateway(self) -> str:
        return self.running.addresses["gateway"]

    @property
    def mail(self) -> str:
        return self.running.addresses["mail"]

    def mongo_url(self) -> str:
        place, secrets = of_running(self.running)
        return mongo.url(*place.inner("mongo"), mongo.ADMIN, secrets.of("mongo", mongo.ADMIN))

    def amqp_url(self) -> str:
        place, secrets = of_running(self.running)
        return rabbit.url(*place.inner("amqp"), rabbit.ADMIN, secrets.of("amqp", rabbit.ADMIN))

    def processes(self) -> dict[str, psutil.Process]:
        """By name: the services, `database` and `broker`."""
        found: dict[str, psutil.Process] = {}
        for process in psutil.Process(self.running.pid).children(recursive=True):
            # The broker starts helpers of its own name that live for a moment: the first one is itself.
            with suppress(psutil.NoSuchProcess):
                if name := _name_of(process):
                    found.setdefault(name, process)
        return found

    async def quiet(self) -> None:
        """Return once no outbox and no queue holds anything, twice in a row: all effects of the load are there."""
        rounds = 0
        while rounds < 2:
            rounds = 0 if await _pending(self.parts) else rounds + 1
            await asyncio.sleep(LOOK_SECONDS)


def _name_of(process: psutil.Process) -> str:
    parts = {"mongod": "database", "beam.smp": "broker"}
    command = process.cmdline()
    return parts.get(process.name()) or next((one for one in SERVICES if f"services.{one}" in command), "")


async def _pending(parts: Parts) -> bool:
    for service in ("reservations", "billing"):
        for collection in TELLING[service]:
            if await parts.databases[service][collection].find_one(PENDING, {"_id": 1}):
                return True
    waiting = [await parts.waiting(f"{service}.events") for service in ("billing", "notifications")]
    return any(waiting)


@asynccontextmanager
async def started() -> AsyncIterator[System]:
    """`make run` as a user would, on free ports, ended at the end."""
    with tempfile.TemporaryDirectory(prefix="preau-bench-") as folder:
        environment = {**os.environ, **UNBOUNDED, "PREAU_STATE": folder, **{variable(name): "0" for name in NEEDS}}
        await _command(environment, "run", "--detach")
        running = State(environment).running()
        if running is None:
            raise RuntimeError("Préau did not start")
        try:
            async with opened(running) as parts:
                yield System(running, Path(folder), parts)
        finally:
            await _command(environment, "stop")


async def demonstrate(system: System) -> None:
    """`make demo` on it, so that memory is measured after every path was taken."""
    await _command({**os.environ, "PREAU_STATE": str(system.state)}, "demo")


async def _command(environment: Mapping[str, str], *words: str) -> None:
    await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "deploy.local", *words],
        env=dict(environment),
        check=True,
        stdout=subprocess.DEVNULL,
    )

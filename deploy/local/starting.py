"""How each part of an installation is started: with its environment, its log, and until it is ready."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

import aiohttp

from deploy.local import environment, mongo, processes, rabbit, rights
from deploy.local.environment import DOMAIN
from deploy.local.fleet import Fleet
from deploy.local.installation import Installation
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child

READY_SECONDS = 60.0
PROBE = aiohttp.ClientTimeout(total=2)


@dataclass(frozen=True)
class Starting:
    """Each method returns once its part is ready, and has handed it to the fleet. Raises `Failed`."""

    installation: Installation
    fleet: Fleet
    session: aiohttp.ClientSession

    async def database(self) -> None:
        folder, secrets = self.installation.folder, self.installation.secrets
        server = await mongo.start(
            folder.path / "mongo",
            self.installation.place.ports["mongo"],
            log=folder.log("database"),
            admin_password=secrets.of("mongo", mongo.ADMIN),
            key=secrets.of("mongo", "replica set"),
        )
        self.fleet.add("database", server.child, server.stop)
        await mongo.set_users(server.url(), rights.database_users(secrets))

    async def broker(self) -> None:
        folder, secrets = self.installation.folder, self.installation.secrets
        port, plan = self.installation.place.ports["amqp"], rights.broker_plan(secrets)
        api = self.installation.place.ports["amqpapi"]
        log = folder.log("broker")
        server = await rabbit.start(folder.path / "rabbit", port, log=log, plan=plan, management_port=api)
        self.fleet.add("broker", server.broker, server.stop)
        address = rabbit.url(LOOPBACK, port, rabbit.ADMIN, secrets.of("amqp", rabbit.ADMIN))
        await rabbit.until_queues_answer(address, environment.QUEUES)

    async def service(self, name: str) -> None:
        place = self.installation.place
        table = environment.of_service(name, place, self.installation.secrets)
        level = "services" if name in DOMAIN else name
        child = await self._module(name, level, f"services.{name}", table)
        await self._until_ready(child, place.private(name))

    async def sandbox(self) -> None:
        place = self.installation.place
        table = environment.of_sandbox(place, self.installation.secrets)
        child = await self._module("sandbox", "sandbox", "deploy.sandbox", table)
        await self._until_ready(child, place.private("mail"))
        await processes.until_ready(child, partial(processes.accepts, place.ports["payment"]), READY_SECONDS)

    async def _module(self, name: str, level: str, module: str, table: Mapping[str, str]) -> Child:
        variables = environment.of_process(name, table)
        command = [sys.executable, "-m", module]
        child = await processes.start(name, command, environment=variables, log=self.installation.folder.log(name))
        self.fleet.add(level, child, partial(processes.stop, child))
        return child

    async def _until_ready(self, child: Child, address: str) -> None:
        await processes.until_ready(child, partial(self._answers, f"{address}/readyz"), READY_SECONDS)

    async def _answers(self, address: str) -> bool:
        try:
            async with self.session.get(address) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False

"""One embedded RabbitMQ from the distribution's package: rootless, on the loopback, with its own port mapper."""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from pathlib import Path
from secrets import token_bytes
from typing import Any
from urllib.parse import quote

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPConnectionError, ChannelNotFoundEntity

from deploy.local import processes
from deploy.local.ports import LOOPBACK, free
from deploy.local.processes import Child
from deploy.local.secrets import write_privately

ADMIN = "admin"
# Looks after the partners' virtual host: makes it, its queues and its users.
DOORKEEPER = "partners-door"
PARTNERS_VHOST = "partners"
VHOST = "preau"
SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
READY_SECONDS = 90.0
# A short busy wait instead of none: wake-ups are dear in virtual machines (measured: start in 1.9 s instead of 3.9 s).
SCHEDULING = "+sbwt short +sbwtdcpu short +sbwtdio short"
NOTHING = "^$"
EVERYTHING = ".*"
# How the broker words the difference between a queue that is not up and one that does not exist.
DOWN = "is down or inaccessible"


@dataclass(frozen=True)
class BrokerUser:
    """What it may declare, publish to and read from, as regular expressions over names."""

    name: str
    password: str
    write: str = NOTHING
    read: str = NOTHING
    configure: str = NOTHING
    tags: tuple[str, ...] = ()


def admin(password: str) -> BrokerUser:
    return BrokerUser(ADMIN, password, EVERYTHING, EVERYTHING, EVERYTHING, ("administrator",))


def doorkeeper(password: str) -> BrokerUser:
    """May manage users, and has no rights where the services talk."""
    return BrokerUser(DOORKEEPER, password, tags=("administrator",))


@dataclass(frozen=True)
class Plan:
    """What the broker knows before anyone connects: the virtual host, its users and its policies.

    `policies` have the shape of RabbitMQ's definitions file, without the virtual host.
    """

    users: Sequence[BrokerUser]
    policies: Sequence[Mapping[str, Any]] = field(default=())

    def definitions(self) -> dict[str, Any]:
        return {
            "vhosts": [{"name": VHOST}],
            "users": [_user(user) for user in self.users],
            "permissions": [_permission(user) for user in self.users],
            "policies": [{**policy, "vhost": VHOST} for policy in self.policies],
            "queues": [],
            "exchanges": [],
            "bindings": [],
        }


def _user(user: BrokerUser) -> dict[str, Any]:
    salt = token_bytes(4)
    hashed = salt + hashlib.sha256(salt + user.password.encode()).digest()
    return {
        "name": user.name,
        "password_hash": base64.b64encode(hashed).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": list(user.tags),
        "limits": {},
    }


def _permission(user: BrokerUser) -> dict[str, str]:
    rights = {"configure": user.configure, "write": user.write, "read": user.read}
    return {"user": user.name, "vhost": VHOST, **rights}


@dataclass(frozen=True)
class Server:
    """A running broker and its port mapper."""

    broker: Child
    mapper: Child
    port: int

    async def stop(self) -> None:
        await processes.stop(self.broker)
        await processes.stop(self.mapper)

    async def kill(self) -> None:
        await processes.kill(self.broker)
        await processes.kill(self.mapper)


def url(host: str, port: int, user: str, password: str, vhost: str = VHOST) -> str:
    return f"amqp://{quote(user)}:{quote(password)}@{host}:{port}/{quote(vhost, safe='')}"


async def start(folder: Path, port: int, *, log: Path, plan: Plan, management_port: int | None = None) -> Server:
    """Start the broker on `folder` and return once it listens with `plan` in place.

    `management_port`: also answer RabbitMQ's HTTP API there.
    """
    mapper_port, distribution_port = free(2)
    environment = _environment(folder, mapper_port, distribution_port)
    _write_files(folder, port, plan, management_port)
    mapper = await processes.start("the broker's port mapper", ["epmd"], environment=environment, log=log)
    try:
        # A broker that finds no port mapper would leave a daemon behind.
        await processes.until_ready(mapper, lambda: processes.accepts(mapper_port), READY_SECONDS)
        broker = await processes.start("the message broker", [str(SERVER)], environment=environment, log=log)
    except BaseException:
        await processes.kill(mapper)
        raise
    server = Server(broker, mapper, port)
    try:
        await processes.until_ready(broker, lambda: processes.accepts(port), READY_SECONDS)
    except BaseException:
        await server.kill()
        raise
    return server


async def until_queues_answer(address: str, queues: Sequence[str]) -> None:
    """Wait for those of the queues that exist: after a restart a broker lets people in before its streams are up."""
    async with await _first_to_be_let_in(address) as connection:
        for queue in queues:
            await processes.until(partial(_is_settled, connection, queue), READY_SECONDS)


async def _first_to_be_let_in(address: str) -> AbstractConnection:
    """A broker that recovers its data listens, and hangs up on whoever comes too soon."""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                return await aio_pika.connect(address)
            except AMQPConnectionError:
                await asyncio.sleep(processes.POLL_SECONDS)


async def _is_settled(connection: AbstractConnection, queue: str) -> bool:
    return await count(connection, queue) != Unavailable.YET


class Unavailable(Enum):
    """Why a queue has no count."""

    YET = "it exists, and its leader is not up"
    EVER = "there is no such queue"


async def count(connection: AbstractConnection, queue: str) -> int | Unavailable:
    """Messages that wait in the queue."""
    # A channel of its own: the broker closes it when the answer is no.
    async with connection.channel() as channel:
        try:
            found = await channel.declare_queue(queue, passive=True)
        except ChannelNotFoundEntity as refusal:
            return Unavailable.YET if DOWN in str(refusal) else Unavailable.EVER
        return int(found.declaration_result.message_count or 0)


def _environment(folder: Path, mapper_port: int, distribution_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
    loopback = LOOPBACK.replace(".", ",")
    return {
        **kept,
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        # Makes the script become the broker instead of waiting beside it.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_NODENAME": "preau@localhost",
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        # Two brokers on one machine must not pin themselves to the same cores.
        "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            f"{SCHEDULING} -start_epmd false -kernel inet_dist_use_interface {{{loopback}}}"
        ),
    }


def _write_files(folder: Path, port: int, plan: Plan, management_port: int | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"listeners.tcp.1": f"{LOOPBACK}:{port}", "load_definitions": folder / "definitions.json"}
    if management_port is not None:
        settings |= {"management.tcp.ip": LOOPBACK, "management.tcp.port": management_port}
        # It is there to be told things, not to be looked at: counting everything all the time is what costs.
        settings |= {"management_agent.disable_metrics_collector": "true"}
    plugins = "[]." if management_port is None else "[rabbitmq_management]."
    write_privately(folder / "definitions.json", json.dumps(plan.definitions()).encode())
    (folder / "rabbitmq.conf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    (folder / "plugins").write_text(plugins)

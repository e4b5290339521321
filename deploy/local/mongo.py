"""One embedded MongoDB: a replica set of one node, with authentication, on the loopback."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo.errors import AutoReconnect, OperationFailure

from deploy.local import processes
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Child
from deploy.local.secrets import write_privately
from shared import mongo
from shared.mongo import Client

ADMIN = "admin"
READY_SECONDS = 60.0
AUTHENTICATION_FAILED = 18
USER_EXISTS = 51003
# No waiting for a second node at the end, no figures for MongoDB's support; the passwords carry 256 bits themselves.
# Files nobody used for half a minute are closed: thousands of tests leave more behind than one process may open.
HANDLES = "file_manager=(close_idle_time=30,close_scan_interval=10,close_handle_minimum=250)"
PARAMETERS = (
    "shutdownTimeoutMillisForSignaledShutdown=0",
    "diagnosticDataCollectionEnabled=false",
    "scramSHA256IterationCount=5000",
)


@dataclass(frozen=True)
class MongoUser:
    """May do in one database what its roles allow, and nothing elsewhere."""

    name: str
    password: str
    database: str
    roles: tuple[str, ...] = ("readWrite",)


@dataclass(frozen=True)
class Server:
    """A running mongod and the password of its administrator."""

    child: Child
    port: int
    admin_password: str

    def url(self, user: str = ADMIN, password: str = "") -> str:
        return url(LOOPBACK, self.port, user, password or self.admin_password)

    async def stop(self) -> None:
        await processes.stop(self.child)


def url(host: str, port: int, user: str, password: str) -> str:
    """Straight to that node: the name it has in its replica set need not be the one we reach it by."""
    return f"mongodb://{quote(user)}:{quote(password)}@{host}:{port}/?authSource=admin&directConnection=true"


def binary() -> Path:
    """The mongod of the wheel in the environment. Raises `FileNotFoundError`."""
    spec = find_spec("fiftyone")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "db" / "bin" / "mongod"
        if path.exists():
            return path
    raise FileNotFoundError("mongod is not in this environment: run make setup")


async def start(folder: Path, port: int, *, log: Path, admin_password: str, key: str) -> Server:
    """Start mongod on `folder` and return once it is a primary whose administrator can log in.

    `key`: what the nodes of a replica set share; MongoDB wants one as soon as users must log in.
    """
    _write_key(folder, key)
    child = await processes.start("the database", _command(folder, port), environment=os.environ, log=log)
    try:
        await processes.until_ready(child, lambda: processes.accepts(port), READY_SECONDS)
        await make_primary(f"{LOOPBACK}:{port}", admin_password)
    except BaseException:
        await processes.kill(child)
        raise
    return Server(child, port, admin_password)


def _write_key(folder: Path, key: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_privately(folder / "key", key.encode())


def _command(folder: Path, port: int) -> list[str]:
    parameters = [word for parameter in PARAMETERS for word in ("--setParameter", parameter)]
    network = ["--port", str(port), "--bind_ip", LOOPBACK, "--nounixsocket"]
    replica_set = ["--replSet", "rs0", "--auth", "--keyFile", str(folder / "key"), "--oplogSize", "256"]
    storage = ["--dbpath", str(folder), "--wiredTigerCacheSizeGB", "0.25", "--wiredTigerEngineConfigString", HANDLES]
    return [str(binary()), *network, *replica_set, *storage, *parameters]


async def make_primary(address: str, admin_password: str) -> None:
    """Make the node at `host:port` the primary of its own replica set, with an administrator who can log in."""
    host, _, port = address.rpartition(":")
    async with connected(url(host, int(port), ADMIN, admin_password)) as client:
        try:
            await _keep_address(client, address)
        except OperationFailure as failure:
            if failure.code != AUTHENTICATION_FAILED:
                raise
            await _initiate(address, admin_password)
        await processes.until(lambda: _is_primary(client), READY_SECONDS)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Client]:
    client = mongo.connect(address)
    try:
        yield client
    finally:
        client.close()


async def _initiate(address: str, admin_password: str) -> None:
    """A new node lets a local caller in without a password until its first user exists."""
    async with connected(f"mongodb://{address}/?directConnection=true") as client:
        await initiate(client, address)
        await client.admin.command("createUser", ADMIN, pwd=admin_password, roles=["root"])


async def initiate(client: Client, member: str) -> None:
    """Make that node a replica set of one, known to itself as `member`, and wait until it takes writes."""
    if "setName" not in await client.admin.command("hello"):
        await client.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": member}]})
    await processes.until(lambda: _is_primary(client), READY_SECONDS)


async def _keep_address(client: Client, address: str) -> None:
    """A node kept from a run on another port does not find itself in its replica set: rename it there."""
    answer: dict[str, Any] = await client.admin.command("replSetGetConfig")
    config = answer["config"]
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)


async def _is_primary(client: Client) -> bool:
    try:
        return bool((await client.admin.command("hello"))["isWritablePrimary"])
    except AutoReconnect:
        return False


async def set_users(admin_url: str, users: Sequence[MongoUser]) -> None:
    """Create each user, or give it again its password and its roles."""
    async with connected(admin_url) as client:
        await asyncio.gather(*(_set_user(client, user) for user in users))


async def _set_user(client: Client, user: MongoUser) -> None:
    roles = [{"role": role, "db": user.database} for role in user.roles]
    rights: dict[str, Any] = {"pwd": user.password, "roles": roles}
    try:
        await client.admin.command("createUser", user.name, **rights)
    except OperationFailure as failure:
        if failure.code != USER_EXISTS:
            raise
        await client.admin.command("updateUser", user.name, **rights)

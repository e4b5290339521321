"""Real MongoDB and RabbitMQ for the tests: one of each per session, shared by all workers, started when first asked.

Containers when a Docker engine with the images answers, else the embedded programs; `PREAU_TEST_BACKENDS=docker` or
`embedded` forces one. A keeper process (`python -m tests.backends`) holds each backend and ends with the session,
however that ends.
"""

import asyncio
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import urllib.request
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from deploy.local import mongo, ports, processes, rabbit
from deploy.local.environment import DOMAIN
from deploy.local.secrets import kept_in, write_privately
from shared.messaging import topology

FOLDER = "PREAU_TEST_FOLDER"
CONTROLLER = "PREAU_TEST_CONTROLLER"
CHOICE = "PREAU_TEST_BACKENDS"
POLL_SECONDS = 0.05
START_SECONDS = 120.0
MONGO_IMAGES = ("mongo:8.0", "mongo:7.0", "mongo:6.0")
RABBIT_IMAGES = ("rabbitmq:4-management", "rabbitmq:4.0-management", "rabbitmq:3-management")


# --- what tests ask for --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MongoBackend:
    """`url` is an administrator's."""

    url: str


@dataclass(frozen=True)
class RabbitBackend:
    """A broker and its HTTP API, with an administrator's log-in."""

    port: int
    management_port: int
    user: str
    password: str

    def new_vhost(self, name: str) -> str:
        """The URL of an empty virtual host with the house's policies."""
        self._call("PUT", f"vhosts/{name}")
        rights = {"configure": ".*", "write": ".*", "read": ".*"}
        self._call("PUT", f"permissions/{name}/{self.user}", rights)
        self._call("POST", f"definitions/{name}", {"policies": topology.policies(DOMAIN)})
        return rabbit.url(ports.LOOPBACK, self.port, self.user, self.password, name)

    def drop_vhost(self, name: str) -> None:
        self._call("DELETE", f"vhosts/{name}")

    def _call(self, method: str, path: str, body: Any = None) -> None:
        url = f"http://{ports.LOOPBACK}:{self.management_port}/api/{path}"
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30):
            pass


def ask_mongo() -> MongoBackend:
    return MongoBackend(**_ask("mongo"))


def ask_rabbit() -> RabbitBackend:
    return RabbitBackend(**_ask("rabbit"))


def open_session() -> None:
    """Called once, by the process that started the tests: its workers inherit where the backends are told."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="preau-tests-")
    os.environ[CONTROLLER] = str(os.getpid())


def close_session() -> None:
    folder = Path(os.environ.pop(FOLDER))
    for keeper in [int(file.read_text()) for file in folder.glob("*.keeper")]:
        _end(keeper)
    shutil.rmtree(folder, ignore_errors=True)


def _end(keeper: int) -> None:
    with suppress(ProcessLookupError):
        process = os.pidfd_open(keeper)
        signal.pidfd_send_signal(process, signal.SIGTERM)
        select.select([process], [], [], START_SECONDS)
        os.close(process)
    with suppress(ChildProcessError):
        os.waitpid(keeper, 0)


def _ask(kind: str) -> dict[str, Any]:
    """Where that backend is; the first to ask starts its keeper while the others wait."""
    folder = Path(os.environ[FOLDER])
    told = folder / f"{kind}.json"
    with (folder / f"{kind}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not told.exists():
            _start_keeper(kind, folder, told)
    return dict(json.loads(told.read_text()))


def _start_keeper(kind: str, folder: Path, told: Path) -> None:
    log = folder / f"{kind}.log"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    output = [(os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o600), (os.POSIX_SPAWN_DUP2, 1, 2)]
    command = [sys.executable, "-m", "tests.backends", kind, str(folder), os.environ[CONTROLLER]]
    # Not subprocess: its object would warn about a child that is meant to outlive this worker.
    keeper = os.posix_spawn(sys.executable, command, os.environ, file_actions=output, setsid=True)
    (folder / f"{kind}.keeper").write_text(str(keeper))
    deadline = monotonic() + START_SECONDS
    while not told.exists():
        if os.waitpid(keeper, os.WNOHANG)[0] or monotonic() > deadline:
            raise RuntimeError(f"{kind} did not start:\n{log.read_text()[-2000:]}")
        sleep(POLL_SECONDS)


# --- the keeper ----------------------------------------------------------------------------------------------------


async def keep(kind: str, folder: Path, controller: int) -> None:
    """Hold one backend until the tests' process ends or asks."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    tests = os.pidfd_open(controller)
    loop.add_reader(tests, ended.set)
    async with KEPT[kind, chosen()](folder) as backend:
        write_privately(folder / f"{kind}.json", json.dumps(asdict(backend)).encode())
        await ended.wait()
    if select.select([tests], [], [], 0)[0]:
        # The tests were killed: nobody else is left to clear up.
        shutil.rmtree(folder, ignore_errors=True)


def chosen() -> str:
    choice = os.environ.get(CHOICE, "")
    if choice not in ("", "docker", "embedded"):
        raise SystemExit(f"{CHOICE} is docker or embedded, not “{choice}”")
    return choice or ("docker" if local_image(MONGO_IMAGES) and local_image(RABBIT_IMAGES) else "embedded")


def local_image(names: tuple[str, ...]) -> str:
    """The first of the images the Docker engine has, empty without one or without an engine."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=5)
        tags = {tag for image in client.images.list() for tag in image.tags}
    except DockerException:
        return ""
    client.close()
    return next((name for name in names if name in tags), "")


@asynccontextmanager
async def embedded_mongo(folder: Path) -> AsyncIterator[MongoBackend]:
    (port,) = ports.free(1)
    secrets = kept_in(folder)
    log = folder / "mongod.log"
    admin, key = secrets.of("mongo", mongo.ADMIN), secrets.of("mongo", "replica set")
    server = await mongo.start(folder / "mongo", port, log=log, admin_password=admin, key=key)
    yield MongoBackend(server.url())
    await processes.kill(server.child)


@asynccontextmanager
async def embedded_rabbit(folder: Path) -> AsyncIterator[RabbitBackend]:
    port, management_port = ports.free(2)
    password = kept_in(folder).of("amqp", rabbit.ADMIN)
    plan = rabbit.Plan([rabbit.admin(password)])
    log = folder / "broker.log"
    server = await rabbit.start(folder / "rabbit", port, log=log, plan=plan, management_port=management_port)
    yield RabbitBackend(port, management_port, rabbit.ADMIN, password)
    await server.kill()


@asynccontextmanager
async def docker_mongo(_: Path) -> AsyncIterator[MongoBackend]:
    container = _container(MONGO_IMAGES).with_command("--replSet rs0 --bind_ip_all").with_exposed_ports(27017)
    with container:
        port = int(container.get_exposed_port(27017))
        await processes.until(lambda: processes.accepts(port), START_SECONDS)
        url = f"mongodb://{ports.LOOPBACK}:{port}/?directConnection=true"
        async with mongo.connected(url) as client:
            await mongo.initiate(client, "127.0.0.1:27017")
        yield MongoBackend(url)


@asynccontextmanager
async def docker_rabbit(folder: Path) -> AsyncIterator[RabbitBackend]:
    password = kept_in(folder).of("amqp", rabbit.ADMIN)
    login = {"RABBITMQ_DEFAULT_USER": rabbit.ADMIN, "RABBITMQ_DEFAULT_PASS": password}
    container = _container(RABBIT_IMAGES).with_envs(**login).with_exposed_ports(5672, 15672)
    with container:
        backend = RabbitBackend(
            int(container.get_exposed_port(5672)), int(container.get_exposed_port(15672)), rabbit.ADMIN, password
        )
        await processes.until(lambda: asyncio.to_thread(_answers, backend), START_SECONDS)
        yield backend


def _container(images: tuple[str, ...]) -> Any:
    # Its reaper is one more image to fetch; the keeper removes its container itself.
    os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
    from testcontainers.core.container import DockerContainer

    return DockerContainer(local_image(images) or images[0])


def _answers(backend: RabbitBackend) -> bool:
    try:
        backend.new_vhost("probe")
    except OSError:
        return False
    return True


Keeping = Callable[[Path], AbstractAsyncContextManager[MongoBackend | RabbitBackend]]
KEPT: dict[tuple[str, str], Keeping] = {
    ("mongo", "embedded"): embedded_mongo,
    ("rabbit", "embedded"): embedded_rabbit,
    ("mongo", "docker"): docker_mongo,
    ("rabbit", "docker"): docker_rabbit,
}

if __name__ == "__main__":
    asyncio.run(keep(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))

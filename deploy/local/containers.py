"""`make up` and `make down`: the same installation in containers, for a machine with a Docker engine."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.local import environment, launch, migrations, mongo, ports, rabbit, rights, secrets
from deploy.local.data import DataFolder
from deploy.local.environment import SERVICES, Place, this_machine
from deploy.local.installation import Installation
from deploy.local.logins import FILE as LOGINS
from deploy.local.processes import ROOT, Failed
from deploy.local.progress import Progress
from deploy.local.running import State
from deploy.local.secrets import Secrets

COMPOSE = ("docker", "compose", "--file", str(ROOT / "deploy" / "compose" / "compose.yaml"))
KEYS = "keys"
BACKENDS = "backends"
NO_ENGINE = "No Docker engine with compose answers here: start one, or use `make run`, which needs none."
# What a container's own user must read; the folder above them is closed to other people of this machine.
READABLE = 0o644


async def up(variables: Mapping[str, str], progress: Progress) -> None:
    """Build, prepare and start; returns when every container is healthy. Raises `Failed` or `PortRefused`."""
    refuse_without_engine()
    numbers = ports.chosen(variables)
    folder = folder_of(variables)
    installation = _installation(folder, numbers)
    write_files(folder, numbers, installation.secrets)
    settings = _variables(folder, numbers)
    _compose(settings, "up", "--detach", "--wait", "mongo", "amqp")
    progress.done("database and message broker are ready")
    await _prepare(installation)
    progress.done("databases and queues are up to date")
    _compose(settings, "up", "--detach", "--wait", "--build")
    progress.done("services are ready")
    known = await launch.load_sample(installation, progress)
    launch.announce(installation, known, progress, "Stop with `make down`; ARGS=--volumes also forgets the data.")


def down(variables: Mapping[str, str], *, volumes: bool) -> None:
    """Stop the containers; with `volumes` also forget what they kept. Raises `Failed`."""
    refuse_without_engine()
    folder = folder_of(variables)
    _compose(_variables(folder, ports.chosen(variables)), "down", *(["--volumes"] if volumes else []))
    if volumes:
        (folder / LOGINS).unlink(missing_ok=True)


def refuse_without_engine() -> None:
    try:
        found = [subprocess.run(command, capture_output=True, check=False) for command in (("docker", "info"), COMPOSE)]
    except FileNotFoundError:
        raise Failed(NO_ENGINE) from None
    if any(answer.returncode for answer in found):
        raise Failed(NO_ENGINE)


def folder_of(variables: Mapping[str, str]) -> Path:
    folder = State(variables).folder / "containers"
    for each in (folder, folder / KEYS, folder / BACKENDS):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    for each in (folder / KEYS, folder / BACKENDS):
        each.chmod(0o755)
    return folder


def in_containers(numbers: Mapping[str, int]) -> Place:
    """The parts as they see each other; the stand-ins share the gateway's address, which is also a browser's."""
    own = {service: f"{service}:{ports.NEEDS[service][0]}" for service in SERVICES}
    stands = ("mail", "smtp", "payment", "sister", "franceconnect")
    shared = {name: f"gateway:{numbers[name]}" for name in ("gateway", *stands)}
    inside = {**own, **shared, "mongo": "mongo:27017", "amqp": "amqp:5672", "amqpapi": "amqp:15672"}
    return Place(ports=numbers, inside=inside, listen_on="0.0.0.0", data=Path("/") / KEYS)  # noqa: S104  # in a container


def write_files(folder: Path, numbers: Mapping[str, int], known: Secrets) -> None:
    """What compose.yaml reads: an environment file per service, the broker's definitions, the database's key."""
    place = in_containers(numbers)
    tables = {service: environment.of_service(service, place, known) for service in SERVICES}
    for name, table in {**tables, "sandbox": environment.of_sandbox(place, known)}.items():
        settings = {**environment.MEMORY_OF.get(name, {}), **table}
        lines = "".join(f"{key}={value}\n" for key, value in settings.items())
        secrets.write_privately(folder / f"{name}.env", lines.encode())
    definitions = json.dumps(rights.broker_plan(known).definitions())
    backends = {
        "definitions.json": definitions,
        "broker.conf": "load_definitions = /preau/definitions.json\n",
        "mongo-key": known.of("mongo", "replica set"),
        "mongo-password": known.of("mongo", mongo.ADMIN),
    }
    for name, content in backends.items():
        path = folder / BACKENDS / name
        secrets.write_privately(path, content.encode())
        path.chmod(READABLE)


def _installation(folder: Path, numbers: Mapping[str, int]) -> Installation:
    """As this machine sees it: through the published ports."""
    place = this_machine(numbers, folder / KEYS)
    return Installation(DataFolder(folder, kept=True), place, secrets.kept_in(folder))


def _variables(folder: Path, numbers: Mapping[str, int]) -> dict[str, str]:
    published = {ports.variable(name): str(number) for name, number in numbers.items()}
    return {**os.environ, **published, "PREAU_FOLDER": str(folder)}


def _compose(variables: Mapping[str, str], *words: str) -> None:
    answer = subprocess.run([*COMPOSE, *words], env=dict(variables), check=False)
    if answer.returncode:
        raise Failed(f"`docker compose {words[0]}` ended with {answer.returncode}: see above.")


async def _prepare(installation: Installation) -> None:
    place, known = installation.place, installation.secrets
    admin_url = mongo.url(*place.inner("mongo"), mongo.ADMIN, known.of("mongo", mongo.ADMIN))
    async with mongo.connected(admin_url) as client:
        await mongo.initiate(client, "mongo:27017")
    await mongo.set_users(admin_url, rights.database_users(known))
    broker = rabbit.url(*place.inner("amqp"), rabbit.ADMIN, known.of("amqp", rabbit.ADMIN))
    await rabbit.until_queues_answer(broker, environment.QUEUES)
    await migrations.migrate_all(place, known)
    for key in place.data.iterdir():
        key.chmod(READABLE)

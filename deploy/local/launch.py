"""Start everything, load the sample towns into new data, tell where things are, and stay until told to stop."""

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict

import aiohttp

from deploy.local import environment, logins, migrations
from deploy.local.environment import KEEPING
from deploy.local.fleet import Fleet, together
from deploy.local.installation import Installation, opened
from deploy.local.logins import DemoLogin
from deploy.local.processes import Failed
from deploy.local.progress import Progress
from deploy.local.running import Running, State
from deploy.local.starting import PROBE, Starting
from deploy.sample.api import LoadFailed
from deploy.sample.load import DemoLogin as Loaded
from deploy.sample.load import equip_agents, load

PAGES = {
    "portal": "Families and agents",
    "gateway": "API, described at /docs",
    "mail": "Mail that was sent",
    "payment": "Payments that were asked for",
    "sister": "A site with the same accounts",
}


async def run(variables: Mapping[str, str], progress: Progress) -> None:
    """Runs until cancelled. Raises `Failed` when a part ends by itself, `Held` or `PortRefused` before any starts."""
    state = State(variables)
    with opened(variables, state) as installation:
        logging.basicConfig(filename=installation.folder.log("launcher"), level=logging.WARNING)
        state.write(_running(installation, ready=False))
        progress.say("Préau starts. " + _where(installation))
        try:
            async with Fleet() as fleet:
                await together(fleet.watch(), _bring_up(installation, fleet, state, progress))
        finally:
            progress.done("stopped")


async def _bring_up(installation: Installation, fleet: Fleet, state: State, progress: Progress) -> None:
    async with aiohttp.ClientSession(timeout=PROBE) as session:
        await _start(Starting(installation, fleet, session), progress)
    known = await load_sample(installation, progress)
    announce(installation, known, progress, "Stop with Ctrl-C or `make stop`.")
    # Last: who waits for it in the background shows what was printed until then.
    state.write(_running(installation, ready=True))


async def _start(starting: Starting, progress: Progress) -> None:
    # What needs no backend, and the imports of the migrations, fill the time the broker takes.
    others = [starting.sandbox(), starting.service("gateway"), asyncio.to_thread(migrations.prepare)]
    await together(starting.database(), starting.broker(), *others)
    progress.done("database and message broker are ready")
    await migrations.migrate_all(starting.installation.place, starting.installation.secrets)
    progress.done("databases and queues are up to date")
    await together(*(starting.service(name) for name in KEEPING))
    progress.done("services are ready")


async def load_sample(installation: Installation, progress: Progress) -> list[DemoLogin]:
    folder, place, secrets = installation.folder.path, installation.place, installation.secrets
    known = logins.kept_in(folder)
    if known is not None:
        return await _equipped(installation, known)
    variables = environment.of_service("identity", place, secrets)
    try:
        loaded = await load(
            place.public("gateway"), place.public("mail"), variables, secrets.demo_password, progress.done
        )
    except LoadFailed as failure:
        raise Failed(f"The sample towns could not be loaded: {failure}") from failure
    progress.done("sample towns are loaded")
    return logins.keep(folder, loaded)


async def _equipped(installation: Installation, known: list[DemoLogin]) -> list[DemoLogin]:
    """Data of a former version: its agents had no second factor yet."""
    if all(login.secret or login.role == "guardian" for login in known):
        return known
    try:
        equipped = await equip_agents(
            installation.place.public("gateway"), [Loaded(**asdict(login)) for login in known]
        )
    except LoadFailed as failure:
        raise Failed(f"The demo agents could not be given a second factor: {failure}") from failure
    return logins.keep(installation.folder.path, equipped)


def _running(installation: Installation, *, ready: bool) -> Running:
    place = installation.place
    addresses = {name: place.public(name) for name in PAGES}
    return Running(
        pid=os.getpid(), data=str(installation.folder.path), ready=ready, addresses=addresses, ports=dict(place.ports)
    )


def _where(installation: Installation) -> str:
    folder = installation.folder
    fate = "kept" if folder.kept else "removed at the end; PREAU_DATA=<folder> keeps it"
    return f"Data and logs are in {folder.path} ({fate})."


def announce(installation: Installation, known: list[DemoLogin], progress: Progress, how_to_stop: str) -> None:
    """Where things are, who may sign in, and how to stop."""
    progress.done("ready")
    lines = [f"{what:<30}{installation.place.public(name)}" for name, what in PAGES.items()]
    lines += ["", *logins.table(known)]
    progress.say("\n" + "\n".join(f"  {line}".rstrip() for line in lines))
    progress.say(f"\n{how_to_stop}")

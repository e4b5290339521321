"""Children: tied to the launcher, stopped in order, never restarted silently."""

import asyncio
import os
import signal
import sys

import psutil
import pytest

from deploy.local import processes
from deploy.local.fleet import Fleet, together
from deploy.local.processes import Failed
from tests.local.watching import left_over, started_by

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()",
]
LAUNCHER = """
import asyncio, os, sys
from pathlib import Path
from deploy.local import processes
async def main():
    for name in ("one", "two"):
        command = [sys.executable, "-c", "import signal; signal.pause()"]
        await processes.start(name, command, environment=os.environ, log=Path(sys.argv[1]) / name)
    print("up", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.fixture
def start(tmp_path):
    async def start(name, command=SLEEPER):
        return await processes.start(name, command, environment=os.environ, log=tmp_path / f"{name}.log")

    return start


async def test_killing_the_launcher_leaves_no_child(tmp_path):
    launcher = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LAUNCHER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert await launcher.stdout.readline() == b"up\n"
    children = started_by(launcher.pid)
    assert len(children) == 2
    launcher.kill()
    await launcher.wait()
    assert left_over(children) == []


async def test_a_child_that_does_not_listen_is_killed(start):
    child = await start("stubborn", STUBBORN)
    await processes.until_ready(child, lambda: _says_up(child), 30)
    await processes.stop(child, patience=0.1)
    assert child.process.returncode == -signal.SIGKILL


async def _says_up(child):
    return "up" in child.log.read_text()


async def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_words(start):
    child = await start("billing", [sys.executable, "-c", "raise SystemExit('no database')"])
    with pytest.raises(Failed, match=r"billing stopped by itself \(exit status 1\)(.|\n)*no database"):
        await processes.until_ready(child, _never, 30)


async def test_a_child_that_never_becomes_ready_is_told_with_its_log(start):
    child = await start("billing")
    with pytest.raises(Failed, match=r"billing was not ready after 0 s.*billing\.log"):
        await processes.until_ready(child, _never, 0.01)
    await processes.kill(child)


async def _never():
    return False


async def test_leaving_the_fleet_stops_who_asks_before_who_answers(start):
    stopped = []

    async def note(level):
        stopped.append(level)

    async with Fleet() as fleet:
        for level in ("database", "services", "portal", "broker", "gateway", "sandbox"):
            child = await start(level)
            fleet.add(level, child, lambda level=level: note(level))
            await processes.kill(child)
    assert stopped == ["portal", "gateway", "services", "sandbox", "broker", "database"]


async def test_a_child_that_dies_ends_the_watch_with_its_name(start):
    child = await start("reservations")
    async with Fleet() as fleet:
        fleet.add("services", child, lambda: processes.stop(child))
        child.process.kill()
        with pytest.raises(Failed, match="reservations stopped by itself"):
            await fleet.watch()


async def test_leaving_the_fleet_ends_what_runs(start):
    async with Fleet() as fleet:
        child = await start("identity")
        fleet.add("services", child, lambda: processes.stop(child))
    assert not psutil.pid_exists(child.process.pid)


async def test_the_first_failure_of_works_done_together_is_raised_as_it_is():
    async def fail():
        raise Failed("one sentence")

    with pytest.raises(Failed, match="one sentence"):
        await together(fail(), asyncio.Event().wait())

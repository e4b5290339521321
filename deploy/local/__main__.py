"""`python -m deploy.local <command>`. Heavy parts are imported by the commands that need them."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from deploy.local import detach, running
from deploy.local.logins import kept_in, table
from deploy.local.progress import Progress
from deploy.local.running import Running, State

NOTHING_RUNS = "Préau does not run from here: start it with `make run`."


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="Préau on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, (_, meaning) in COMMANDS.items():
        command = commands.add_parser(name, help=meaning)
        if name in FLAGS:
            flag, effect = FLAGS[name]
            command.add_argument(flag, action="store_true", help=effect)
        if name in ARGUMENTS:
            argument, what = ARGUMENTS[name]
            command.add_argument(argument, help=what)
    options = parser.parse_args()
    return COMMANDS[options.command][0](options)


def run(options: argparse.Namespace) -> int:
    if already := State(os.environ).running():
        portal = already.addresses["portal"]
        say(f"Préau already runs from here (process {already.pid}, {portal}). `make stop` ends it.")
        return 1
    if options.detach:
        return detach.start(os.environ, say)
    progress = Progress(say)
    from deploy.local import launch, stopping

    return stopping.until_stopped(launch.run(os.environ, progress), say)


def stop(_: argparse.Namespace) -> int:
    state = State(os.environ)
    found = state.running()
    if found is None:
        say(NOTHING_RUNS)
        return 0
    if running.stop(found):
        say("Préau is stopped.")
        return 0
    say(f"Process {found.pid} has not stopped after {running.STOP_SECONDS:.0f} s; its log is {state.log}.")
    return 1


def status(_: argparse.Namespace) -> int:
    found = State(os.environ).running()
    if found is None:
        say(NOTHING_RUNS)
        return 1
    say(f"Préau {'is ready' if found.ready else 'is starting'} (process {found.pid}), data in {found.data}.")
    addresses = [f"{name:<10}{address}" for name, address in found.addresses.items()]
    for line in [*addresses, "", *table(kept_in(Path(found.data)) or [])]:
        say(f"  {line}".rstrip())
    return 0


def code(options: argparse.Namespace) -> int:
    """The code a demo agent's authenticator app shows now."""
    found = State(os.environ).running()
    logins = (kept_in(Path(found.data)) or []) if found else []
    shown = [login.code() for login in logins if login.email == options.email and login.secret]
    say(shown[0] if shown else f"{options.email} is no demo agent of a Préau that runs from here.")
    return 0 if shown else 1


def up(_: argparse.Namespace) -> int:
    progress = Progress(say)
    from deploy.local import containers, stopping

    return stopping.until_stopped(containers.up(os.environ, progress), say)


def down(options: argparse.Namespace) -> int:
    from deploy.local import containers, stopping

    return stopping.in_sentences(lambda: containers.down(os.environ, volumes=options.volumes), say)


def check_invariants(_: argparse.Namespace) -> int:
    from deploy.local.check import check

    return _on_the_running(lambda found: check(found, say))


def play_demo(_: argparse.Namespace) -> int:
    """On what runs from here; when nothing does, on one started for it and stopped afterwards."""
    from deploy.local.demo import demonstrate

    own = State(os.environ).running() is None
    if own and (failed := detach.start(os.environ, say)):
        return failed
    try:
        return _on_the_running(lambda found: demonstrate(found, say))
    finally:
        if own:
            stop(_)


def _on_the_running(work: Callable[[Running], Coroutine[Any, Any, bool]]) -> int:
    found = State(os.environ).running()
    if found is None or not found.ready:
        say(NOTHING_RUNS)
        return 1
    return 0 if asyncio.run(work(found)) else 1


COMMANDS: dict[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "run": (run, "start everything; Ctrl-C stops it"),
    "stop": (stop, "stop what `run --detach` started"),
    "status": (status, "what runs, where, and the demo log-ins"),
    "code": (code, "the authenticator code of a demo agent, now"),
    "check": (check_invariants, "hold the running databases and queues against the invariants"),
    "demo": (play_demo, "play the demonstration on the running Préau"),
    "up": (up, "the same as run, in containers"),
    "down": (down, "stop the containers"),
}
FLAGS = {
    "run": ("--detach", "come back once it is ready"),
    "down": ("--volumes", "also forget the data"),
}

ARGUMENTS = {"code": ("email", "the agent's address")}

if __name__ == "__main__":
    sys.exit(main())

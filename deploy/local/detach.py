"""Start a run in the background and come back once it is ready."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from time import sleep
from typing import TextIO

from deploy.local.processes import POLL_SECONDS, ROOT
from deploy.local.running import State


def start(variables: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Print what the run prints until it is ready; 0 then, else the exit status it ended with."""
    state = State(variables)
    state.folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(state.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as output, state.log.open() as printed:
        launcher = _launch(variables, output.fileno())
        try:
            return _follow(launcher, state, printed, say)
        except BaseException:
            launcher.terminate()
            launcher.wait()
            raise


def _launch(variables: Mapping[str, str], output: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local", "run"],
        cwd=ROOT,
        env=dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _follow(launcher: "subprocess.Popen[bytes]", state: State, printed: TextIO, say: Callable[[str], None]) -> int:
    while True:
        ended = launcher.poll() is not None
        ready = _is_ready(launcher, state)
        for line in printed.read().splitlines():
            say(line)
        if ended or ready:
            return launcher.returncode if ended else 0
        sleep(POLL_SECONDS)


def _is_ready(launcher: "subprocess.Popen[bytes]", state: State) -> bool:
    running = state.written()
    return running is not None and running.pid == launcher.pid and running.ready

"""Run until the work ends or somebody asks to stop, and say failures as sentences."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from deploy.local.data import Held
from deploy.local.ports import PortRefused
from deploy.local.processes import Failed

SENTENCES = (Held, PortRefused, Failed, FileNotFoundError)
ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def until_stopped(work: Coroutine[Any, Any, None], say: Callable[[str], None]) -> int:
    """The exit status: 0 when it ended or was asked to, 1 when it failed."""
    try:
        return in_sentences(lambda: asyncio.run(_stoppable(work)), say)
    except asyncio.CancelledError:
        return 0


def in_sentences(work: Callable[[], None], say: Callable[[str], None]) -> int:
    """0 when it is done; 1 with a sentence when it failed in a way a person can mend."""
    try:
        work()
    except SENTENCES as failure:
        say(str(failure))
        return 1
    return 0


async def _stoppable(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)

    def ask_to_stop() -> None:
        if task.cancelling():
            os._exit(INTERRUPTED)  # asked twice; every child is tied to this process and goes with it
        task.cancel()

    for number in ASKED:
        asyncio.get_running_loop().add_signal_handler(number, ask_to_stop)
    await task

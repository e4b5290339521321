"""The one clock of a journey, moved by the test; and waiting, which looks again until something is there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
PARIS = ZoneInfo("Europe/Paris")
# A Thursday of term. Before the machine's own time, by which MongoDB ends holds: by the journey's clock they last.
START = datetime(2025, 11, 20, 8, tzinfo=PARIS)
PATIENCE_SECONDS = 60.0
LOOK_AGAIN_SECONDS = 0.02


class MovableClock:
    """Stands still between two moves, and only moves forward."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        return self._now

    def pass_time(self, **length: float) -> None:
        self._now += timedelta(**length)

    def move_to(self, day: str, at: str = "08:00") -> None:
        """To a wall-clock time of Paris, not before the present one."""
        wall = datetime.combine(datetime.fromisoformat(day), time.fromisoformat(at), PARIS)
        assert wall >= self._now, f"it is already {self._now.astimezone(PARIS)}: a journey is told in order"
        self._now = wall.astimezone(UTC)


async def eventually(what: str, look: Callable[[], Awaitable[T | None]], seconds: float = PATIENCE_SECONDS) -> T:
    """The first thing `look` finds that is true; fails, naming `what`, when it never finds one."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not (found := await look()):
        assert loop.time() < deadline, f"{what} did not come about within {seconds:.0f} s"
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return found

"""What a person waiting for Préau reads: one line per thing done, with the seconds since the start."""

from collections.abc import Callable
from time import monotonic


class Progress:
    """`say` prints one line; `seconds` counts from the moment this was made."""

    def __init__(self, say: Callable[[str], None], now: Callable[[], float] = monotonic) -> None:
        self.say = say
        self._now = now
        self._started = now()

    @property
    def seconds(self) -> float:
        return self._now() - self._started

    def done(self, what: str) -> None:
        self.say(f"{self.seconds:6.1f} s  {what}")

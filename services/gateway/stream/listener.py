"""One open stream: the frames that wait for its reader, few or it is cut."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from services.gateway.stream import frames
from services.gateway.stream.facts import Fact

# A reader that is this far behind does not read: it is cut, comes back, and takes up from the window.
MOST_FRAMES = 256
MOST_BYTES = 128 * 1024


class Listener:
    """`keys`: what it hears; `since_ms`: what was told before is not news to it; `cut`: ends the connection at once."""

    __slots__ = ("_bytes", "_ended", "_more", "_waiting", "account_id", "cut", "is_cut", "keys", "since_ms")

    def __init__(self, *, account_id: str, keys: frozenset[str], since_ms: int, cut: Callable[[], None]) -> None:
        self.account_id = account_id
        self.keys = keys
        self.since_ms = since_ms
        self.cut = cut
        self.is_cut = False
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._more = asyncio.Event()
        self._ended = b""

    def hear(self, fact: Fact) -> None:
        if fact.told_ms >= self.since_ms:
            self.push(fact.frame)

    def push(self, frame: bytes) -> None:
        """Never waits. A reader that is too far behind is cut."""
        if self._ended or self.is_cut:
            return
        self._waiting.append(frame)
        self._bytes += len(frame)
        self._more.set()
        if len(self._waiting) > MOST_FRAMES or self._bytes > MOST_BYTES:
            self._give_up()

    def _give_up(self) -> None:
        self.is_cut = True
        self._waiting.clear()
        self.cut()

    def end(self, reason: str) -> None:
        """What waits is still sent, then why it ends."""
        self._ended = self._ended or frames.ended(reason)
        self._more.set()

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self.is_cut or (bool(self._ended) and not self._waiting)

    async def next(self, patience: float) -> bytes:
        """What waits, in one piece, as soon as there is something; nothing after `patience` seconds."""
        if not self._more.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._more.wait()
        self._more.clear()
        taken = b"".join((*self._waiting, self._ended))
        self._waiting.clear()
        self._bytes = 0
        return taken

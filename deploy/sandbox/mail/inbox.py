"""Every message received since the start, newest first, within bounds."""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import count

from deploy.sandbox.mail.message import Message, read_message
from shared.clock import Clock

KEPT_MESSAGES = 2_000
KEPT_BYTES = 100_000_000


class Inbox:
    """When a bound is passed the oldest messages fall."""

    def __init__(self, clock: Clock, kept_messages: int = KEPT_MESSAGES, kept_bytes: int = KEPT_BYTES) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._messages: deque[Message] = deque()
        self._kept_messages, self._kept_bytes, self._bytes = kept_messages, kept_bytes, 0
        self._arrival = asyncio.Event()

    def receive(self, recipients: Sequence[str], raw: bytes) -> Message:
        message = read_message(str(next(self._numbers)), self._clock(), recipients, raw)
        self._messages.appendleft(message)
        self._bytes += message.size
        self._drop_oldest()
        self._arrival.set()
        return message

    def find(self, to: str = "", subject: str = "") -> list[Message]:
        return [message for message in self._messages if message.matches(to, subject)]

    async def wait_for(self, to: str, subject: str, seconds: float) -> list[Message]:
        """What `find` gives as soon as it gives something, or nothing after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := self.find(to, subject)):
                    self._arrival.clear()
                    await self._arrival.wait()
                return found
        except TimeoutError:
            return []

    def get(self, message_id: str) -> Message | None:
        return next((message for message in self._messages if message.id == message_id), None)

    def clear(self) -> None:
        self._messages.clear()
        self._bytes = 0

    def _drop_oldest(self) -> None:
        while len(self._messages) > self._kept_messages or self._bytes > self._kept_bytes:
            self._bytes -= self._messages.pop().size

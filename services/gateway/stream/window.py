"""The last minutes of facts, the same on every replica because the log orders them: where a reader takes up again."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

from services.gateway.stream.facts import Fact, milliseconds_of


class Window:
    """At most `most` facts and `milliseconds` of them; `since_ms`: everything told after it is in here, or will be.

    `newest_ms`: when the newest fact was told, 0 before the first.
    """

    def __init__(self, *, most: int, milliseconds: int, since_ms: int) -> None:
        self._most = most
        self._milliseconds = milliseconds
        self.since_ms = since_ms
        self.last_id = ""
        self.newest_ms = 0
        self._facts: deque[Fact] = deque()
        self._place: dict[str, int] = {}
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._facts)

    def add(self, fact: Fact) -> bool:
        """False for a fact that is in it: the log may hold one twice, and is read again after a loss."""
        if fact.id in self._place:
            return False
        self._place[fact.id] = self._dropped + len(self._facts)
        self._facts.append(fact)
        self.last_id = fact.id
        self.newest_ms = max(self.newest_ms, fact.told_ms)
        while len(self._facts) > self._most or self._facts[0].told_ms < fact.told_ms - self._milliseconds:
            self._drop()
        return True

    def _drop(self) -> None:
        gone = self._facts.popleft()
        del self._place[gone.id]
        self._dropped += 1
        self.since_ms = max(self.since_ms, gone.told_ms)

    def after(self, event_id: str) -> Iterator[Fact] | None:
        """What came after that event; None when that cannot be said any more.

        An id that is not here and not older than the window is one another replica was faster with: all that is
        here is older.
        """
        place = self._place.get(event_id)
        if place is not None:
            return islice(self._facts, place - self._dropped + 1, None)
        return iter(()) if milliseconds_of(event_id) > self.since_ms else None

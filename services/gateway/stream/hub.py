"""Who listens, and what each of them is told. One per process; nothing in it waits."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import Counter as Count
from prometheus_client import Gauge

from services.gateway.stream import facts, frames
from services.gateway.stream.facts import Fact, Slot
from services.gateway.stream.listener import MOST_FRAMES, Listener
from services.gateway.stream.scopes import keys_of
from services.gateway.stream.window import Window
from shared.auth import Caller
from shared.errors import TooMany, Unavailable

OPEN = Gauge("preau_streams", "Live streams that are open")
CUT = Count("preau_streams_cut_total", "Live streams cut because their reader did not read")
# How much older than its opening a fact may be and still be news to a stream: clocks differ, and writes take a moment.
MARGIN_MS = 60_000
COME_BACK_SECONDS = 30
# More days than any page shows: then it looks at all of them.
MOST_SLOTS = 100


class Hub:
    """`most`: streams of this process; `most_of_account`: of one account in it."""

    def __init__(self, window: Window, *, most: int, most_of_account: int) -> None:
        self.window = window
        self._most = most
        self._most_of_account = most_of_account
        self._listeners: set[Listener] = set()
        self._by_key: defaultdict[str, set[Listener]] = defaultdict(set)
        self._of_account: Counter[str] = Counter()
        self._moved: defaultdict[str, set[Slot]] = defaultdict(set)
        self._closing = False

    def __len__(self) -> int:
        return len(self._listeners)

    @contextmanager
    def listening(self, caller: Caller, *, last_id: str, now_ms: int, cut: Callable[[], None]) -> Iterator[Listener]:
        """A stream for as long as the block runs, with what it missed since `last_id` waiting in it.

        Raises `TooMany` for an account with many streams open, `Unavailable` when the process has all it may have.
        """
        self._admit(caller)
        keys = keys_of(caller) | {facts.account(caller.account_id)}
        listener = Listener(account_id=caller.account_id, keys=keys, since_ms=now_ms - MARGIN_MS, cut=cut)
        self._add(listener)
        try:
            if last_id:
                self._take_up(listener, last_id)
            yield listener
        finally:
            self._remove(listener)

    def _admit(self, caller: Caller) -> None:
        if self._of_account[caller.account_id] >= self._most_of_account:
            raise TooMany(retry_after=COME_BACK_SECONDS)
        if self._closing or len(self._listeners) >= self._most:
            raise Unavailable(retry_after=COME_BACK_SECONDS)

    def _add(self, listener: Listener) -> None:
        self._listeners.add(listener)
        self._of_account[listener.account_id] += 1
        for key in listener.keys:
            self._by_key[key].add(listener)
        OPEN.inc()

    def _remove(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._of_account[listener.account_id] -= 1
        if not self._of_account[listener.account_id]:
            del self._of_account[listener.account_id]
        for key in listener.keys:
            self._by_key[key].discard(listener)
            if not self._by_key[key]:
                del self._by_key[key]
        OPEN.dec()
        if listener.is_cut:
            CUT.inc()

    def _take_up(self, listener: Listener, last_id: str) -> None:
        missed = self.window.after(last_id)
        if missed is None:
            listener.push(frames.reset(self.window.last_id))
            return
        found = list(missed)
        heard = [fact for fact in found if not fact.keys.isdisjoint(listener.keys)]
        if len(heard) > MOST_FRAMES // 2:
            listener.push(frames.reset(self.window.last_id))
            return
        for fact in heard:
            listener.push(fact.frame)
        for town, slots in _moved_by(found).items():
            if facts.every_family(town) in listener.keys:
                listener.push(_places(town, slots))

    def tell(self, fact: Fact) -> None:
        """Everybody whom it concerns, once, however often the log says it."""
        if not fact.matters or not self.window.add(fact):
            return
        for listener in self._hearing(fact.keys):
            listener.hear(fact)
        if fact.places:
            _gather(self._moved, fact)
        for listener in self._hearing(fact.ends):
            if fact.told_ms >= listener.since_ms + MARGIN_MS:
                listener.end("rights")

    def _hearing(self, keys: frozenset[str]) -> set[Listener]:
        return {listener for key in keys for listener in self._by_key.get(key, ())}

    def tell_places(self) -> None:
        """Where places moved since the last time: one frame a town, however many families booked."""
        moved, self._moved = self._moved, defaultdict(set)
        for town, slots in moved.items():
            frame = _places(town, slots)
            for listener in tuple(self._by_key.get(facts.every_family(town), ())):
                listener.push(frame)

    async def close(self) -> None:
        """The process is about to stop: readers are told to come back, which leads them to another one."""
        self._closing = True
        for listener in self._listeners:
            listener.end("restart")


def _gather(moved: defaultdict[str, set[Slot]], fact: Fact) -> None:
    """An empty slot stands for all of the town's."""
    moved[fact.places] |= fact.slots or {("", "")}


def _moved_by(told: list[Fact]) -> defaultdict[str, set[Slot]]:
    moved: defaultdict[str, set[Slot]] = defaultdict(set)
    for fact in told:
        if fact.places:
            _gather(moved, fact)
    return moved


def _places(town: str, slots: set[Slot]) -> bytes:
    unsaid = ("", "") in slots or len(slots) > MOST_SLOTS
    return frames.places(town, () if unsaid else slots)

"""One event on its way to one webhook: what was tried, what came of it, and what happens next."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from services.partners.domain.webhooks.tries import next_try

TAKEN = range(200, 300)
GONE = 410
EXCERPT_BYTES = 500
KEPT_ATTEMPTS = 12


class State(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Failure(StrEnum):
    """Why there was no answer; nothing of it tells how things look inside."""

    ADDRESS = "address_refused"
    """The name leads to addresses webhooks do not go to."""
    UNKNOWN_HOST = "unknown_host"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    BROKEN = "broken_answer"
    NO_SECRET = "no_secret"
    """No secret can be opened to sign with."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try. `status` is 0 without an answer, for which `failure` says why; `ms`: how long it took.

    `excerpt`: the beginning of the answer, as text. `retry_after`: the seconds the receiver asked to wait.
    """

    at: datetime
    status: int = 0
    failure: Failure | None = None
    ms: int = 0
    excerpt: str = field(default="", repr=False)
    retry_after: int = 0

    @property
    def taken(self) -> bool:
        return self.status in TAKEN

    @property
    def gone(self) -> bool:
        """The receiver wants no more of these (HTTP 410)."""
        return self.status == GONE


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """`position`: the event's in the log of its town, which orders the events of a subject.

    `tries`: since it was last queued; `attempts`: the last of all. `body`: the CloudEvent exactly as it is sent.
    """

    id: str
    subscription_id: str
    municipality_id: str
    event_id: str
    position: int
    type: str
    subject: str
    body: str = field(repr=False)
    queued_at: datetime
    due_at: datetime
    state: State = State.WAITING
    tries: int = 0
    attempts: tuple[Attempt, ...] = ()
    first_tried_at: datetime | None = None
    settled_at: datetime | None = None

    def after(self, attempt: Attempt, *, lot: float) -> "Delivery":
        """What it is once that try is over; `settled_at` tells what will not be tried again."""
        tried = replace(
            self,
            tries=self.tries + 1,
            attempts=(*self.attempts, attempt)[-KEPT_ATTEMPTS:],
            first_tried_at=self.first_tried_at or attempt.at,
        )
        if attempt.taken:
            return replace(tried, state=State.DELIVERED, settled_at=attempt.at)
        again = next_try(tried.tries, attempt.at, lot=lot, retry_after=attempt.retry_after)
        if again is None:
            return replace(tried, state=State.GIVEN_UP, settled_at=attempt.at)
        return replace(tried, due_at=again)

    def kept_waiting(self, until: datetime) -> "Delivery":
        """Not given up after all: what was wrong is the receiver, which is paused, not this event."""
        return replace(self, state=State.WAITING, settled_at=None, due_at=until)

    def again(self, now: datetime) -> "Delivery":
        """Queued anew, whatever came of it before."""
        return replace(self, state=State.WAITING, tries=0, first_tried_at=None, settled_at=None, due_at=now)

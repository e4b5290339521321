"""Whether an endpoint is left alone: it said so itself, or takes nothing any more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.partners.domain.webhooks.deliveries import Attempt, Delivery, State

FAILURES_BEFORE_CARE = 5


class Leave(StrEnum):
    """Why a subscription is not sent to any more until a manager resumes it."""

    GONE = "receiver_gone"
    """It answered 410."""
    FAILING = "receiver_failing"
    """It took nothing for the three days an event was tried."""


def leave(attempt: Attempt, delivery: Delivery, last_taken_at: datetime | None) -> Leave | None:
    """Whether to leave the endpoint alone after that try; `delivery` is what it became of it.

    An event that alone is refused is given up, and its subject goes on; when nothing at all was taken since it was
    first tried, the endpoint is what fails.
    """
    if attempt.gone:
        return Leave.GONE
    since = delivery.first_tried_at or attempt.at
    if delivery.state is State.GIVEN_UP and (last_taken_at is None or last_taken_at < since):
        return Leave.FAILING
    return None


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """How an endpoint does at the moment, kept by whoever sends to it."""

    failures: int = 0
    """In a row."""
    last_taken_at: datetime | None = None

    @property
    def careful(self) -> bool:
        """It seems to be down: only what was tried before is tried again, one at a time, when its time has come."""
        return self.failures >= FAILURES_BEFORE_CARE

    def after(self, attempt: Attempt) -> "Pulse":
        if attempt.taken:
            return Pulse(last_taken_at=attempt.at)
        return Pulse(failures=self.failures + 1, last_taken_at=self.last_taken_at)

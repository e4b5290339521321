"""When a webhook is tried again: the schedule Standard Webhooks recommends, three days and three hours in all."""

from datetime import datetime, timedelta

# Before the first try, the second, …
WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_TRIES = len(WAITS)
JITTER = 0.2
LONGEST_ASKED = timedelta(hours=24)


def next_try(tries: int, now: datetime, *, lot: float, retry_after: int = 0) -> datetime | None:
    """When to try again after `tries` tries; None when it was tried often enough.

    `lot`: drawn from 0 to 1, so that what failed together is not tried together. `retry_after`: the seconds the
    receiver asked for; it may ask for more patience, not for less, and for a day at most.
    """
    if tries >= MOST_TRIES:
        return None
    wait = WAITS[tries] * (1 + JITTER * lot)
    return now + max(wait, min(timedelta(seconds=retry_after), LONGEST_ASKED))

"""Now, as precisely as it is kept: what is answered at once and what is read later are the same instant."""

from datetime import datetime

from shared.clock import Clock


def moment(clock: Clock) -> datetime:
    """In UTC, whole milliseconds."""
    now = clock()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)

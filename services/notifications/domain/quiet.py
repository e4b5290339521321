"""Hours of a day in a town's time zone: when somebody wants no noise, and when a daily digest goes."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Whatever is told while a digest is being put together waits for the next one.
DIGEST_CLOSES = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """From `start` until `end`, local times; past midnight when `end` is the earlier one."""

    start: time
    end: time

    def covers(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def after_quiet(quiet: QuietHours | None, at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself, or when the quiet hours it falls into end; aware UTC."""
    if quiet is None or quiet.start == quiet.end:
        return at
    local = at.astimezone(zone)
    if not quiet.covers(local.time()):
        return at
    day = local.date() if local.time() < quiet.end else local.date() + timedelta(days=1)
    # Where summer time skips that very hour, zoneinfo gives the instant the clock jumps to.
    return max(at, datetime.combine(day, quiet.end, zone).astimezone(UTC))


def next_digest(hour: int, at: datetime, zone: ZoneInfo) -> datetime:
    """The next time the town's clocks show `hour`:00, at least five minutes from `at`; aware UTC."""
    earliest = at + DIGEST_CLOSES
    day = earliest.astimezone(zone).date()
    due = datetime.combine(day, time(hour), zone).astimezone(UTC)
    return due if due >= earliest else datetime.combine(day + timedelta(days=1), time(hour), zone).astimezone(UTC)

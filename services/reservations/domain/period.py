"""A period: weekdays between two dates, turned into the days it means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from services.reservations.domain.refusals import PeriodBackwards
from services.reservations.domain.sheet import Slot, in_order
from shared.errors import Refused

MOST_DAYS = 400


@dataclass(frozen=True, kw_only=True)
class Period:
    """Both ends included; `clipped` when more was asked than one request covers."""

    start: date
    until: date
    clipped: bool = False

    @classmethod
    def asked(cls, start: date, until: date) -> "Period":
        if until < start:
            raise PeriodBackwards(start=start, until=until)
        days = min((until - start).days, MOST_DAYS - 1)
        last = start + timedelta(days=days)
        return cls(start=start, until=last, clipped=last < until)

    def slots(self, pattern: Mapping[str, Iterable[int]]) -> tuple[Slot, ...]:
        """Every day of the pattern (ISO weekdays by activity), open or not, by date."""
        days = [self.start + timedelta(days=after) for after in range((self.until - self.start).days + 1)]
        return in_order(
            (activity_id, day)
            for activity_id, weekdays in pattern.items()
            for day in days
            if day.isoweekday() in weekdays
        )


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A day of a period that was not added, and why."""

    slot: Slot
    refusal: Refused

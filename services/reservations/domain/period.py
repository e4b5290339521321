"""A period: the days between two dates that one request covers, and what of it lies beyond the open window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.reservations.domain.refusals import BeyondTheHorizon, PeriodBackwards
from services.reservations.domain.refusals_of_days import (
    ClosedThen,
    NotEnrolled,
    NotThatWeekday,
    NotYetOpen,
    NoWindow,
    OnlyInHolidays,
    PublicHolidayThen,
    SchoolHolidayThen,
)
from services.reservations.domain.sheet import Slot
from shared.errors import Refused

MOST_DAYS = 400
# Beyond the last day that could be asked for these say where it ends; days that are closed anyway say nothing of it.
BEYOND = (NotYetOpen, NoWindow, NotEnrolled)
CLOSED = (ClosedThen, NotThatWeekday, OnlyInHolidays, PublicHolidayThen, SchoolHolidayThen)


@dataclass(frozen=True, kw_only=True)
class Period:
    """Both ends included; `clipped` says why less is covered than was asked."""

    start: date
    until: date
    clipped: Refused | None = None

    @classmethod
    def asked(cls, start: date, until: date) -> "Period":
        if until < start:
            raise PeriodBackwards(start=start, until=until)
        last = start + timedelta(days=min((until - start).days, MOST_DAYS - 1))
        return cls(start=start, until=last, clipped=BeyondTheHorizon(days=MOST_DAYS) if last < until else None)


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A day of a period that was not added, and why."""

    slot: Slot
    refusal: Refused
    child_id: str = ""


def clip(period: Period, added: Sequence[Slot], dropped: Sequence[Dropped]) -> tuple[Period, tuple[Dropped, ...]]:
    """The period up to where the days end that can be asked for now, and what was dropped before that.

    A year asked for when two months are open is two months and one reason, not a hundred.
    """
    inside = [*(day for _, day in added), *(one.slot[1] for one in dropped if _is_inside(one))]
    outside = [one for one in dropped if isinstance(one.refusal, BEYOND)]
    if not inside or not (beyond := [one for one in outside if one.slot[1] > max(inside)]):
        return period, tuple(dropped)
    first = min(beyond, key=lambda one: one.slot[1])
    until = first.slot[1] - timedelta(days=1)
    left = tuple(one for one in dropped if one.slot[1] <= until)
    return replace(period, until=until, clipped=first.refusal), left


def _is_inside(dropped: Dropped) -> bool:
    return not isinstance(dropped.refusal, (*BEYOND, *CLOSED))

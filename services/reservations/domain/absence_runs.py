"""Which days of a proven absence are free, by the regulation's absence policy."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from services.reservations.domain.absences import AbsencePolicy


def free_days(policy: AbsencePolicy, days: Sequence[date]) -> frozenset[date]:
    """`days`: the booked days of one absence, in order. Its proof came in time."""
    if policy.justified == "due" or _length(policy, days) < policy.minimum_days:
        return frozenset()
    number = {day: _length(policy, days[: at + 1]) for at, day in enumerate(days)}
    if policy.first_days_free is not None:
        return frozenset(day for day in days if number[day] <= policy.first_days_free)
    return frozenset(day for day in days if number[day] > policy.first_days_due)


def _length(policy: AbsencePolicy, days: Sequence[date]) -> int:
    if policy.counted_in == "calendar_days" and days:
        return (days[-1] - days[0]).days + 1
    return len(days)


def runs_of(away: Collection[date], booked: Iterable[date]) -> list[list[date]]:
    """The absences: days away in a row among the days booked."""
    runs: list[list[date]] = []
    going_on = False
    for day in sorted(booked):
        if day in away:
            if going_on:
                runs[-1].append(day)
            else:
                runs.append([day])
        going_on = day in away
    return runs

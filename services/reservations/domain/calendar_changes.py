"""What an agent changes in the town's own calendar, and which booked days that closes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.reservations.domain.calendar import Period, TownCalendar
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.sheet import Slot
from shared.contracts.school import CalendarChanged, CalendarDays
from shared.errors import N_, BadInput, NotFound
from shared.public_holidays import YEARS

Periods = tuple[Period, ...]
LONGEST_DAYS = 366
MOST_PERIODS = 1_000


class UnusablePeriod(BadInput):
    """A period that names days or sites nobody knows."""

    code = "unusable-period"
    title = N_("Unusable period")
    sentence = N_("This period cannot be kept in the calendar.")
    remedy = N_("Correct what “errors” names and send it again.")


@dataclass(frozen=True, kw_only=True)
class Takeover:
    """Published days in a town's calendar: those added, and those the town has a word of its own about already."""

    periods: Periods
    added: Periods
    kept: Periods


def in_order(periods: Iterable[Period]) -> Periods:
    """Each once, by days: two that say the same are one."""
    return tuple(sorted(dict.fromkeys(periods), key=_order))


def _order(period: Period) -> tuple[date, date, str, Sequence[str]]:
    return period.starts, period.ends, period.kind, sorted(period.site_ids)


def checked(period: Period, site_ids: Collection[str]) -> Period:
    """Raises `UnusablePeriod`."""
    if faults := list(_faults(period, site_ids)):
        raise UnusablePeriod([{"in": "body", "field": name, "message": said, "facts": {}} for name, said in faults])
    return period


def _faults(period: Period, site_ids: Collection[str]) -> Iterator[tuple[str, str]]:
    if period.ends < period.starts:
        yield "until", N_("The period ends before it starts.")
    if (period.ends - period.starts).days >= LONGEST_DAYS:
        yield "until", N_("The period is longer than a year.")
    if period.starts.year not in YEARS or period.ends.year not in YEARS:
        yield "from", N_("The public holidays of that year are not known.")
    if not period.site_ids <= set(site_ids):
        yield "site_ids", N_("One of these is no site of the town's programmes.")


def find(periods: Periods, period_id: str) -> Period:
    """Raises `NotFound`."""
    for period in periods:
        if period.id == period_id:
            return period
    raise NotFound()


def added(periods: Periods, new: Period) -> Periods:
    """The same as before when there is one that says the same. Raises `UnusablePeriod` when there are too many."""
    after = in_order((*periods, new))
    if len(after) > MOST_PERIODS:
        error = {"in": "body", "field": "", "message": N_("The calendar has too many periods."), "facts": {}}
        raise UnusablePeriod([error])
    return after


def changed(periods: Periods, period_id: str, new: Period) -> Periods:
    """Raises `NotFound`."""
    find(periods, period_id)
    others = without(periods, period_id)
    return added(others, replace(new, id=period_id))


def without(periods: Periods, period_id: str) -> Periods:
    """Raises `NotFound`."""
    gone = find(periods, period_id)
    return tuple(period for period in periods if period is not gone)


def taken_over(periods: Periods, published: Iterable[Period]) -> Takeover:
    """Where the town has holidays for every site that meet a published period, its own days stay as they are."""
    own = [period for period in periods if not period.site_ids]
    new: list[Period] = []
    kept: list[Period] = []
    for period in published:
        (kept if any(_meets(period, other) for other in own) else new).append(period)
    return Takeover(periods=in_order((*periods, *new)), added=tuple(new), kept=tuple(kept))


def _meets(one: Period, other: Period) -> bool:
    return one.kind is other.kind and one.starts <= other.ends and other.starts <= one.ends


def replaced(periods: Periods, wanted: Iterable[Period]) -> Periods:
    """The wanted ones, those that were there before under their old names."""
    names = {period: period.id for period in periods}
    return in_order(replace(period, id=names.get(period, period.id)) for period in wanted)


def told(municipality_id: str, before: Periods, after: Periods) -> CalendarChanged | None:
    """Ids and days, no label: a label is free text. None when nothing changed."""
    gone = [_days(period, "removed") for period in before if period not in set(after)]
    new = [_days(period, "added") for period in after if period not in set(before)]
    return CalendarChanged(municipality_id=municipality_id, changes=(*gone, *new)) if gone or new else None


def _days(period: Period, change: str) -> CalendarDays:
    return CalendarDays.model_validate(
        {
            "kind": str(period.kind),
            "starts": period.starts,
            "ends": period.ends,
            "site_ids": sorted(period.site_ids),
            "change": change,
        }
    )


def newly_closed(
    programme: Programme, before: TownCalendar, after: TownCalendar, since: date
) -> Mapping[Slot, frozenset[str]]:
    """Slots from `since` on that ran and no longer do, with the sites where that is so."""
    closed: dict[Slot, frozenset[str]] = {}
    for day in sorted(_touched(before.periods, after.periods, since)):
        for activity in programme.activities:
            sites = (site for site in programme.site_ids if _stopped(activity, before, after, day, site))
            if found := frozenset(sites):
                closed[activity.id, day] = found
    return closed


def _touched(before: Periods, after: Periods, since: date) -> set[date]:
    return {day for period in set(before) ^ set(after) for day in period.days() if day >= since}


def _stopped(activity: Activity, before: TownCalendar, after: TownCalendar, day: date, site_id: str) -> bool:
    return activity.runs(before.kind_of(day, site_id)) and not activity.runs(after.kind_of(day, site_id))

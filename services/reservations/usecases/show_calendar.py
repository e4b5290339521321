"""What kind of day each date is in a town, for whoever belongs to it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from services.reservations.domain.calendar import Day
from services.reservations.domain.calendar_changes import LONGEST_DAYS
from services.reservations.domain.town import Town
from shared.errors import N_, BadInput, NotFound


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


@dataclass(frozen=True, kw_only=True)
class DaysAsked:
    """`site_id`: empty for what holds at every site."""

    municipality_id: str
    starts: date
    ends: date
    site_id: str = ""


async def show_calendar(asked: DaysAsked, allowed: Collection[str], *, catalogue: Towns) -> list[tuple[date, Day]]:
    """Raises `NotFound` for a town that is not `allowed` or a site it has not, `BadInput` for more than a year."""
    if asked.municipality_id not in allowed:
        raise NotFound()
    town = await catalogue.town(asked.municipality_id)
    if asked.site_id and asked.site_id not in town.sites:
        raise NotFound()
    if not 0 <= (asked.ends - asked.starts).days < LONGEST_DAYS:
        message = N_("At most a year can be asked for, the last day not before the first.")
        raise BadInput([{"in": "query", "field": "until", "message": message, "facts": {}}])
    return [(day, town.calendar.kind_of(day, asked.site_id or None)) for day in _days(asked)]


def _days(asked: DaysAsked) -> Iterator[date]:
    return (asked.starts + timedelta(days=after) for after in range((asked.ends - asked.starts).days + 1))

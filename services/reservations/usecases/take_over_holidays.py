"""Take published school holidays over into the town's own calendar, beside what it already says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.reservations.domain.calendar import Period
from services.reservations.domain.calendar_changes import Periods, taken_over
from services.reservations.domain.calendar_ics import LeftOut, read_ics
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.school_holidays import school_holidays
from services.reservations.usecases.edit_calendar import Almanac, Edited, edit_calendar


@dataclass(frozen=True, kw_only=True)
class TakenOver:
    """`kept`: published periods the town has a word of its own about; `left_out`: events that are no holidays."""

    edited: Edited
    added: Periods
    kept: Periods
    left_out: Sequence[LeftOut] = ()


async def take_over_zone(municipality_id: str, zone: str, school_year: str, almanac: Almanac) -> TakenOver:
    """Raises `SchoolYearUnknown`, `Conflict`."""
    return await _take_over(municipality_id, school_holidays(zone, school_year), (), almanac)


async def take_over_file(municipality_id: str, raw: bytes, zone: str, almanac: Almanac) -> TakenOver:
    """Raises `NotFound`, `UnreadableCalendar`, `ZoneMissing`, `Conflict`."""
    town = await almanac.catalogue.town(municipality_id)
    periods, left_out = read_ics(raw, zone, town.calendar.zone)
    return await _take_over(municipality_id, periods, left_out, almanac)


async def _take_over(
    municipality_id: str, published: Iterable[Period], left_out: Sequence[LeftOut], almanac: Almanac
) -> TakenOver:
    published = tuple(published)

    def edit(periods: Periods, _: Catalogue) -> Periods:
        return taken_over(periods, published).periods

    edited = await edit_calendar(municipality_id, edit, almanac, if_match=None)
    done = taken_over(edited.before, published)
    return TakenOver(edited=edited, added=done.added, kept=done.kept, left_out=left_out)

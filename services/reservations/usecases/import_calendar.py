"""Take over a town's school holidays, closures and moved school days, whole."""

from services.reservations.domain.calendar_changes import Periods, replaced
from services.reservations.domain.calendar_file import read_calendar
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.imported import Imported
from services.reservations.usecases.edit_calendar import Almanac, Edited, edit_calendar
from shared.errors import Conflict

TRIES = 8


async def import_calendar(municipality_id: str, raw: bytes, almanac: Almanac) -> Imported:
    """Periods the file leaves out are gone. Raises `UnusableFile`, what `read_lines` raises, and `Conflict` when others
    keep changing the town.
    """
    edited = await _taken_over(municipality_id, raw, almanac)
    created = sum(period not in edited.before for period in edited.periods)
    return Imported(created=created, unchanged=len(edited.periods) - created, affected=edited.affected)


async def _taken_over(municipality_id: str, raw: bytes, almanac: Almanac) -> Edited:
    def edit(periods: Periods, catalogue: Catalogue) -> Periods:
        return replaced(periods, read_calendar(raw, municipality_id, catalogue.sites))

    for _ in range(TRIES):
        try:
            return await edit_calendar(municipality_id, edit, almanac, if_match=None)
        except Conflict:
            # Another change of the town at the same moment; the file is the whole calendar, whatever was there.
            continue
    raise Conflict()

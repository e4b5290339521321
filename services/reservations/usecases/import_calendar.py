"""Take over a town's school holidays, closures and moved school days, whole."""

from services.reservations.domain.calendar_changes import Periods, replaced
from services.reservations.domain.calendar_file import read_calendar
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.imported import Imported
from services.reservations.usecases.edit_calendar import Almanac, edit_calendar


async def import_calendar(municipality_id: str, raw: bytes, almanac: Almanac) -> Imported:
    """Periods the file leaves out are gone. Raises `UnusableFile` or `Conflict`, and what `read_lines` raises."""

    def edit(periods: Periods, catalogue: Catalogue) -> Periods:
        return replaced(periods, read_calendar(raw, municipality_id, catalogue.sites))

    edited = await edit_calendar(municipality_id, edit, almanac, if_match=None)
    created = sum(period not in edited.before for period in edited.periods)
    return Imported(created=created, unchanged=len(edited.periods) - created, affected=edited.affected)

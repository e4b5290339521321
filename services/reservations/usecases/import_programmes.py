"""Take over a town's sites, programmes and regulations, whole, and tell the programmes that changed."""

from services.reservations.domain.catalogue import Catalogue, replace
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.imported import Imported
from services.reservations.usecases.keep_catalogue import Towns, keep_catalogue
from shared.clock import Clock
from shared.errors import Conflict

TRIES = 8


async def import_programmes(
    municipality_id: str, file: CatalogueFile, *, catalogue: Towns, clock: Clock, by: str = ""
) -> Imported:
    """`by`: whose account sent it. Raises `UnusableFile`, and `Conflict` when others keep changing the town."""
    new = read_catalogue(file, municipality_id)
    for _ in range(TRIES):
        try:
            return await _take_over(municipality_id, new, catalogue=catalogue, clock=clock, by=by)
        except Conflict:
            # The file is the whole of it, whatever was there: the town's settings may arrive at the same moment.
            continue
    raise Conflict()


async def _take_over(municipality_id: str, new: Catalogue, *, catalogue: Towns, clock: Clock, by: str) -> Imported:
    current = await catalogue.versioned(municipality_id)
    replacement = replace(current.catalogue, new)
    if replacement.catalogue != current.catalogue:
        await keep_catalogue(municipality_id, current.version, replacement, by=by, catalogue=catalogue, clock=clock)
    return replacement.report

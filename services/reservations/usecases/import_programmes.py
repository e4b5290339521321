"""Take over a town's sites, programmes and regulations, whole, and tell the programmes that changed."""

from services.reservations.domain.catalogue import replace
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.imported import Imported
from services.reservations.usecases.keep_catalogue import Towns, keep_catalogue
from shared.clock import Clock


async def import_programmes(
    municipality_id: str, file: CatalogueFile, *, catalogue: Towns, clock: Clock, by: str = ""
) -> Imported:
    """`by`: whose account sent it. Raises `UnusableFile`, and `Conflict` when someone imports at the same moment."""
    new = read_catalogue(file, municipality_id)
    current = await catalogue.versioned(municipality_id)
    replacement = replace(current.catalogue, new)
    if replacement.catalogue != current.catalogue:
        await keep_catalogue(municipality_id, current.version, replacement, by=by, catalogue=catalogue, clock=clock)
    return replacement.report

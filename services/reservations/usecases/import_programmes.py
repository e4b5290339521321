"""Take over a town's sites, programmes and regulations, whole, and tell the programmes that changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue, replace
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.imported import Imported
from shared.clock import Clock
from shared.contracts.reservations import ProgrammePublished


class Current(Protocol):
    @property
    def version(self) -> int: ...
    @property
    def catalogue(self) -> Catalogue: ...


class Towns(Protocol):
    async def versioned(self, municipality_id: str) -> Current: ...
    async def replace_catalogue(
        self,
        municipality_id: str,
        version: int,
        catalogue: Catalogue,
        events: Sequence[ProgrammePublished],
        at: datetime,
    ) -> None: ...


async def import_programmes(municipality_id: str, file: CatalogueFile, *, catalogue: Towns, clock: Clock) -> Imported:
    """Raises `UnusableFile`, and `Conflict` when someone imports at the same moment."""
    new = read_catalogue(file, municipality_id)
    current = await catalogue.versioned(municipality_id)
    replacement = replace(current.catalogue, new)
    if new != current.catalogue:
        await catalogue.replace_catalogue(municipality_id, current.version, new, replacement.events, clock())
    return replacement.report

"""Take over a town's sites, programmes and regulations, whole, and tell the programmes that changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue, replace
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.editions import Edition, Signed, taken_over
from services.reservations.domain.imported import Imported
from shared.clock import Clock
from shared.contracts.reservations import ProgrammePublished
from shared.ids import new_id


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
        editions: Sequence[Edition] = (),
    ) -> None: ...


async def import_programmes(
    municipality_id: str, file: CatalogueFile, *, catalogue: Towns, clock: Clock, by: str = ""
) -> Imported:
    """`by`: whose account sent it. Raises `UnusableFile`, and `Conflict` when someone imports at the same moment."""
    new = read_catalogue(file, municipality_id)
    current = await catalogue.versioned(municipality_id)
    replacement = replace(current.catalogue, new)
    if replacement.catalogue != current.catalogue:
        now = clock()
        signed = Signed(by=by, at=now)
        editions = [
            taken_over(programme, edition_id=new_id("reg"), signed=signed) for programme in replacement.regulated
        ]
        await catalogue.replace_catalogue(
            municipality_id, current.version, replacement.catalogue, replacement.events, now, editions
        )
    return replacement.report

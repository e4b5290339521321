"""Take over which child is enrolled where; lines that cannot be are reported, the others count."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments_file import Enrolled, merge, read_enrolments
from services.reservations.domain.imported import Imported


class Current(Protocol):
    @property
    def catalogue(self) -> Catalogue: ...


class Towns(Protocol):
    async def versioned(self, municipality_id: str) -> Current: ...


class Roster(Protocol):
    async def enrolled(self, municipality_id: str, references: Iterable[str]) -> Mapping[str, Enrolled]: ...
    async def save_enrolled(self, municipality_id: str, changed: Mapping[str, Enrolled]) -> None: ...


async def import_enrolments(municipality_id: str, raw: bytes, *, catalogue: Towns, roster: Roster) -> Imported:
    """Raises `UnreadableFile`, `ColumnsMissing`, and `Conflict` for two imports at a time."""
    current = await catalogue.versioned(municipality_id)
    found, refused = read_enrolments(raw, municipality_id, current.catalogue.programmes)
    known = await roster.enrolled(municipality_id, found)
    merged = {reference: merge(known[reference], enrolments) for reference, enrolments in found.items()}
    changed = {reference: one.enrolled for reference, one in merged.items() if one.changed}
    await roster.save_enrolled(municipality_id, changed)
    return Imported(
        created=sum(one.created for one in merged.values()),
        updated=sum(one.updated for one in merged.values()),
        unchanged=sum(one.unchanged for one in merged.values()),
        refused=refused,
        references=sorted(changed),
    )

"""Take over which child is enrolled where; lines that cannot be are reported, the others count."""

from collections import Counter
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments_file import merge, read_enrolments
from services.reservations.domain.imported import Imported
from services.reservations.usecases.enrol import Roster, save
from shared.clock import Clock


class Current(Protocol):
    @property
    def catalogue(self) -> Catalogue: ...


class Towns(Protocol):
    async def versioned(self, municipality_id: str) -> Current: ...


async def import_enrolments(
    municipality_id: str, raw: bytes, *, catalogue: Towns, roster: Roster, clock: Clock
) -> Imported:
    """Raises `UnreadableFile`, `ColumnsMissing`, and `Conflict` for two imports at a time."""
    current = await catalogue.versioned(municipality_id)
    found, refused = read_enrolments(raw, municipality_id, current.catalogue)
    known = await roster.enrolled(municipality_id, found)
    merged = {reference: merge(known[reference], lines) for reference, lines in found.items()}
    changed = {reference: (known[reference], one.enrolled) for reference, one in merged.items() if one.changed}
    await save(municipality_id, changed, roster=roster, clock=clock)
    counts = sum((Counter(one.outcomes) for one in merged.values()), Counter[str]())
    return Imported(
        created=counts["created"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=refused,
        references=sorted(changed),
    )

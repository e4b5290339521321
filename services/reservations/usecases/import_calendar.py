"""Take over a town's school holidays, closures and moved school days, whole."""

from collections.abc import Sequence
from typing import Protocol

from services.reservations.domain.calendar import Period
from services.reservations.domain.calendar_file import read_calendar
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.imported import Imported


class Current(Protocol):
    @property
    def version(self) -> int: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def periods(self) -> tuple[Period, ...]: ...


class Towns(Protocol):
    async def versioned(self, municipality_id: str) -> Current: ...
    async def replace_periods(self, municipality_id: str, version: int, periods: Sequence[Period]) -> None: ...


async def import_calendar(municipality_id: str, raw: bytes, *, catalogue: Towns) -> Imported:
    """Periods the file leaves out are gone. Raises `UnusableFile` or `Conflict`, and what `read_lines` raises."""
    current = await catalogue.versioned(municipality_id)
    periods = read_calendar(raw, municipality_id, current.catalogue.sites)
    known = set(current.periods)
    if set(periods) != known:
        await catalogue.replace_periods(municipality_id, current.version, periods)
    created = sum(period not in known for period in periods)
    return Imported(created=created, unchanged=len(periods) - created)

"""Keep what a town offers from now on, with the versions of regulations that came with it, and tell what changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.reservations.domain.catalogue import Catalogue, Replacement
from services.reservations.domain.editions import Edition, Signed, taken_over
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


async def keep_catalogue(
    municipality_id: str, version: int, replacement: Replacement, *, by: str, catalogue: Towns, clock: Clock
) -> None:
    """`version`: the one decided upon; `by`: whose account. Raises `Conflict` when the town changed meanwhile."""
    signed = Signed(by=by, at=clock())
    editions = [taken_over(one, edition_id=new_id("reg"), signed=signed) for one in replacement.regulated]
    await catalogue.replace_catalogue(
        municipality_id, version, replacement.catalogue, replacement.events, signed.at, editions
    )

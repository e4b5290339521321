"""Leaving a town; the others stay, and the town's file can be joined again with a new code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


class Files(Protocol):
    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile: ...


class Writes(Protocol):
    async def save(
        self,
        *,
        at: datetime,
        municipality_id: str,
        file: FamilyFile,
        household: tuple[Household, Sequence[Event]],
    ) -> None:
        """All or nothing. Raises `Conflict`."""


async def leave_town(
    household_id: str, municipality_id: str, *, households: Households, files: Files, writes: Writes, clock: Clock
) -> Household:
    """The household without the town. Raises `NotFound` when it is none of its towns, `Conflict`."""
    household = await households.get(household_id)
    adhesion = household.adhesion(municipality_id)
    if adhesion is None:
        raise NotFound()
    file = await files.get(adhesion.family_file_id, frozenset({municipality_id}))
    now = clock()
    left = household.leaving(municipality_id)
    await writes.save(
        at=now,
        municipality_id=municipality_id,
        file=file.left(now),
        household=(left, [adhesion.ended_told(household.id), left.profile_told()]),
    )
    return left

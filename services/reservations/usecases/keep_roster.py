"""Keep who the enrolled children are, as identity tells it."""

from typing import Protocol

from shared.contracts import Told
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled


class Roster(Protocol):
    async def link_children(self, told: AdhesionJoined, sequence: int) -> None: ...
    async def set_names(self, told: HouseholdProfiled, sequence: int) -> None: ...


async def link_children(told: Told[AdhesionJoined], *, roster: Roster) -> None:
    """From now on the household books for the children the town enrolled."""
    await roster.link_children(told.event, told.sequence)


async def set_names(told: Told[HouseholdProfiled], *, roster: Roster) -> None:
    """What lists and tiles show."""
    await roster.set_names(told.event, told.sequence)

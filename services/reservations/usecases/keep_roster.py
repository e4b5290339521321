"""Keep who the enrolled children are, as identity tells it."""

from typing import Protocol

from shared.contracts import Told
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, HouseholdProfiled


class Roster(Protocol):
    async def link_children(self, told: AdhesionJoined, sequence: int) -> None: ...
    async def unlink_children(self, told: AdhesionEnded, sequence: int) -> None: ...
    async def set_names(self, told: HouseholdProfiled, sequence: int) -> None: ...


class Carts(Protocol):
    async def take_out_town(self, household_id: str, municipality_id: str) -> None: ...


class WaitingLists(Protocol):
    async def leave_town(self, household_id: str, municipality_id: str) -> None: ...


async def link_children(told: Told[AdhesionJoined], *, roster: Roster) -> None:
    """From now on the household books for the children the town enrolled."""
    await roster.link_children(told.event, told.sequence)


async def end_adhesion(told: Told[AdhesionEnded], *, roster: Roster, carts: Carts, waiting_lists: WaitingLists) -> None:
    """The household left the town: nothing more to book there. What is booked stays, and is marked and invoiced."""
    event = told.event
    await roster.unlink_children(event, told.sequence)
    await carts.take_out_town(event.household_id, event.municipality_id)
    await waiting_lists.leave_town(event.household_id, event.municipality_id)


async def set_names(told: Told[HouseholdProfiled], *, roster: Roster) -> None:
    """What lists and tiles show."""
    await roster.set_names(told.event, told.sequence)

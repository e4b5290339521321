"""What identity and reservations tell of who lives in a town and which child is enrolled where."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from shared.contracts import Told
from shared.contracts.identity import AdhesionEnded, AdhesionJoined
from shared.contracts.school import ChildEnrolled, EnrolmentEnded


class Standings(Protocol):
    async def keep_adhesion(
        self,
        household_id: str,
        municipality_id: str,
        *,
        resident: bool,
        references: Mapping[str, str],
        sequence: int,
    ) -> None: ...
    async def keep_enrolment(
        self,
        enrolment_id: str,
        municipality_id: str,
        programme_id: str,
        reference: str,
        ends: date | None,
        sequence: int,
    ) -> None: ...


async def keep_adhesion(told: Told[AdhesionJoined], *, standings: Standings) -> None:
    event = told.event
    await standings.keep_adhesion(
        event.household_id,
        event.municipality_id,
        resident=event.resident,
        references={child.child_id: child.reference for child in event.children},
        sequence=told.sequence,
    )


async def end_adhesion(told: Told[AdhesionEnded], *, standings: Standings) -> None:
    """It is no household of the town any more."""
    event = told.event
    await standings.keep_adhesion(
        event.household_id, event.municipality_id, resident=False, references={}, sequence=told.sequence
    )


async def keep_enrolment(told: Told[ChildEnrolled], *, standings: Standings) -> None:
    event = told.event
    await standings.keep_enrolment(
        event.enrolment_id, event.municipality_id, event.programme_id, event.reference, event.ends, told.sequence
    )


async def end_enrolment(told: Told[EnrolmentEnded], *, standings: Standings) -> None:
    event = told.event
    await standings.keep_enrolment(
        event.enrolment_id, event.municipality_id, event.programme_id, event.reference, event.last_day, told.sequence
    )

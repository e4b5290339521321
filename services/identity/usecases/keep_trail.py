"""Gathering what agents did, from all services."""

from typing import Protocol

from services.identity.domain.trail import Entry
from shared.contracts import Told
from shared.contracts.audit import AgentActed


class TrailKeeper(Protocol):
    async def add(self, entry: Entry) -> None: ...


async def keep_in_trail(told: Told[AgentActed], *, trail: TrailKeeper) -> None:
    """One entry per note, however often it is told."""
    act = told.event
    await trail.add(
        Entry(
            id=told.subject,
            at=act.at,
            service=act.service,
            action=act.action,
            account_id=act.account_id,
            municipality_id=act.municipality_id,
            household_ids=act.household_ids,
            family_file_ids=act.family_file_ids,
            child_ids=act.child_ids,
            object_ids=act.object_ids,
            request_id=act.request_id,
        )
    )

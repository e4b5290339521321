"""A town's answer to a change a family asked for; an accepted one is done in the same write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.change_effects import (
    Effect,
    added_child,
    removed_child,
    renamed_child,
    renamed_guardian,
)
from services.identity.domain.changes import ChangeOutdated, ChangeRequest, ReferenceNeeded, birth_date_of
from services.identity.domain.custody import Custody, check_plan
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household, likeness
from services.identity.usecases.request_change import values_of
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.households import CustodyPlan
from shared.ids import new_id


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...
    async def settle_children(self, municipality_id: str, proposed: Mapping[str, str]) -> dict[str, str]: ...


class Files(Protocol):
    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile: ...


class Custodies(Protocol):
    async def of(self, municipality_id: str, child_id: str) -> Custody: ...
    async def households_of(self, municipality_id: str, child_id: str) -> list[str]: ...


class Changes(Protocol):
    async def of_towns(self, change_id: str, municipality_ids: frozenset[str]) -> ChangeRequest: ...

    async def decide(
        self,
        change: ChangeRequest,
        events: Sequence[Event],
        at: datetime,
        *,
        effect: Effect | None = None,
        custody: Custody | None = None,
    ) -> None:
        """All or nothing. Raises `Conflict`."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`reference`: the town's own, for a new child that is accepted."""

    accepted: bool
    reason: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where agents answer."""

    households: Households
    files: Files
    custodies: Custodies
    changes: Changes
    clock: Clock

    async def decide(
        self, change_id: str, decision: Decision, *, by: str, municipality_ids: frozenset[str]
    ) -> ChangeRequest:
        """The request, answered. Raises `NotFound`, `ChangeSettled`, `ChangeOutdated`, `Conflict`, and what refuses
        a new child or weeks.
        """
        change = await self.changes.of_towns(change_id, municipality_ids)
        now = self.clock()
        decided, events = change.decided(decision.accepted, now, by=by, reason=decision.reason)
        effect = custody = None
        if decision.accepted and change.kind == "custody":
            custody = await self._custody(change)
        elif decision.accepted:
            effect = await self._effect(change, decision.reference)
        await self.changes.decide(decided, events, now, effect=effect, custody=custody)
        return decided

    async def _custody(self, change: ChangeRequest) -> Custody:
        known = await self.custodies.of(change.municipality_id, change.about)
        if values_of(known.plan) != dict(change.old):
            raise ChangeOutdated()
        homes = await self.custodies.households_of(change.municipality_id, change.about)
        return replace(known, plan=check_plan(CustodyPlan.model_validate(change.new), homes))

    async def _effect(self, change: ChangeRequest, reference: str) -> Effect:
        household = await self.households.get(change.household_id)
        if change.kind == "guardian_name":
            return renamed_guardian(change, household)
        if change.kind == "child_name":
            return renamed_child(change, household)
        file = await self._file(change, household)
        if change.kind == "child_removed":
            return removed_child(change, household, file)
        child_id = await self._settled(change, household, reference)
        return added_child(change, household, file, reference=reference, child_id=child_id)

    async def _file(self, change: ChangeRequest, household: Household) -> FamilyFile:
        adhesion = household.adhesion(change.municipality_id)
        if adhesion is None:
            raise ChangeOutdated()
        return await self.files.get(adhesion.family_file_id, frozenset({change.municipality_id}))

    async def _settled(self, change: ChangeRequest, household: Household, reference: str) -> str:
        """The child the reference means already, or one the household has from another town, or a new one."""
        if not reference:
            raise ReferenceNeeded()
        like = likeness(change.new["first_name"], change.new["last_name"], birth_date_of(change.new))
        known = next((child.id for child in household.children if child.likeness == like), None)
        settled = await self.households.settle_children(change.municipality_id, {reference: known or new_id("chd")})
        return settled[reference]

"""Importing a town's families, as often as the town likes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.families import Family, FamilyFile
from services.identity.domain.family_table import read_families
from services.identity.domain.households import Household
from services.identity.domain.imports import FileChange, ImportReport, file_change
from services.identity.usecases.codes import Codes
from shared.clock import Clock
from shared.contracts import Event
from shared.ids import new_id


class Files(Protocol):
    async def by_reference(self, municipality_id: str, references: Sequence[str]) -> dict[str, FamilyFile]: ...
    async def save_all(self, municipality_id: str, changes: list[FileChange], at: datetime) -> None: ...


class Households(Protocol):
    async def joined_to(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Household]: ...
    async def save_all(
        self, municipality_id: str, changes: Sequence[tuple[Household, Sequence[Event]]], at: datetime
    ) -> None: ...


async def import_families(
    content: bytes,
    *,
    municipality_id: str,
    invite: bool,
    files: Files,
    households: Households,
    codes: Codes,
    clock: Clock,
) -> ImportReport:
    """Create and rewrite family files from a table; repeated, it changes nothing. Raises `Conflict` on a race.

    Raises `UnreadableFile`, `ColumnsMissing`. `invite` sends a code to each family that waits without a live one.
    """
    now = clock()
    table = await asyncio.to_thread(read_families, content, now.date())
    known = await files.by_reference(municipality_id, [family.reference for family in table.families])

    def blank(family: Family) -> FamilyFile:
        return FamilyFile(id=new_id("ff"), municipality_id=municipality_id, family=family)

    issue = codes.issue if invite else None
    found = [file_change(family, known.get(family.reference), blank, issue, now) for family in table.families]
    changes = [change for change in found if change]
    # Households first: should this stop in between, the same import finds the files still to do and finishes.
    await _follow(municipality_id, changes, households, now)
    await files.save_all(municipality_id, changes, now)
    created = sum(change.before is None for change in changes)
    updated = sum(change.rewritten for change in changes)
    return ImportReport(
        created=created,
        updated=updated,
        unchanged=len(table.families) - created - updated,
        invited=sum(bool(change.events) for change in changes),
        faults=table.faults,
    )


async def _follow(municipality_id: str, changes: Sequence[FileChange], households: Households, now: datetime) -> None:
    """Households that joined the town follow what it rewrote of their children."""
    rewritten = [change for change in changes if change.rewritten and change.file.joined]
    if not rewritten:
        return
    known = await households.joined_to(municipality_id, [change.file.household_id for change in rewritten])
    followed: list[tuple[Household, Sequence[Event]]] = []
    for change in rewritten:
        household = known.get(change.file.household_id)
        after = household.following(change.file, change.before.family, new_id) if household and change.before else None
        if after and after != household:
            followed.append((after, (after.joined_told(municipality_id), after.profile_told())))
    await households.save_all(municipality_id, followed, now)

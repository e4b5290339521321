"""Bringing families of a town's table into its files, some at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.families import Family, FamilyFile
from services.identity.domain.family_table import REFERENCE
from services.identity.domain.households import Household
from services.identity.domain.import_drafts import Counts
from services.identity.domain.imports import MERGED, FileChange, Issue, file_change
from services.identity.usecases.settle_children import References, all_with_settled_children
from shared.contracts import Event
from shared.ids import new_id
from shared.tables import Fault


class Files(Protocol):
    async def by_reference(self, municipality_id: str, references: Sequence[str]) -> dict[str, FamilyFile]: ...
    async def save_all(self, municipality_id: str, changes: list[FileChange], at: datetime) -> None: ...


class Households(References, Protocol):
    async def joined_to(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Household]: ...
    async def save_all(
        self, municipality_id: str, changes: Sequence[tuple[Household, Sequence[Event]]], at: datetime
    ) -> None: ...


@dataclass(frozen=True)
class Batch:
    """Families compared with the town's files: what there is to write, and how it will be counted."""

    changes: tuple[FileChange, ...]
    counts: Counts
    merged: tuple[str, ...] = ()
    """References of families written otherwise than the file that was merged into another one: left alone."""


def merged_faults(references: Iterable[str], lines: Mapping[str, int]) -> list[Fault]:
    return [Fault(lines[reference], REFERENCE, MERGED) for reference in references]


async def compare(
    families: Iterable[Family], *, municipality_id: str, issue: Issue | None, files: Files, now: datetime
) -> Batch:
    """`issue` draws a code for each family that waits without a live one."""
    written = list(families)
    known = await files.by_reference(municipality_id, [family.reference for family in written])

    def blank(family: Family) -> FamilyFile:
        return FamilyFile(id=new_id("ff"), municipality_id=municipality_id, family=family)

    merged = [family for family in written if (file := known.get(family.reference)) and file.merged_into]
    refused = tuple(family.reference for family in merged if known[family.reference].family != family)
    passed_over = {family.reference for family in merged}
    found = [
        file_change(family, known.get(family.reference), blank, issue, now)
        for family in written
        if family.reference not in passed_over
    ]
    changes = tuple(change for change in found if change)
    created = sum(change.before is None for change in changes)
    updated = sum(change.rewritten for change in changes)
    counts = Counts(
        created=created,
        updated=updated,
        unchanged=len(written) - created - updated - len(refused),
        invited=sum(bool(change.events) for change in changes),
    )
    return Batch(changes, counts, refused)


async def carry_out(batch: Batch, *, municipality_id: str, files: Files, households: Households, now: datetime) -> None:
    """Write it. Raises `Conflict` when one of the files changed meanwhile: compare again then."""
    # Households first: should this stop in between, the same import finds the files still to do and finishes.
    await _follow(municipality_id, batch.changes, households, now)
    await files.save_all(municipality_id, list(batch.changes), now)


async def _follow(municipality_id: str, changes: Sequence[FileChange], households: Households, now: datetime) -> None:
    """Households that joined the town follow what it rewrote of their children."""
    rewritten = [change for change in changes if change.rewritten and change.file.joined]
    if not rewritten:
        return
    known = await households.joined_to(municipality_id, [change.file.household_id for change in rewritten])
    joining = [(change.file, known.get(change.file.household_id)) for change in rewritten]
    settled = await all_with_settled_children(municipality_id, joining, households)
    followed: list[tuple[Household, Sequence[Event]]] = []
    for change, file in zip(rewritten, settled, strict=True):
        household = known.get(file.household_id)
        after = household.following(file, change.before.whole, new_id) if household and change.before else None
        if after and after != household:
            followed.append((after, (after.joined_told(municipality_id), after.profile_told())))
    await households.save_all(municipality_id, followed, now)

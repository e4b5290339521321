"""Merging two files of one family, and undoing it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.custody import Custody
from services.identity.domain.merging import ChildElsewhere, CustodyShared, Merge, Side, merge
from services.identity.domain.unmerging import ChangedSince, MadeMerge, Undoing, undo
from shared.clock import Clock
from shared.errors import Conflict
from shared.ids import new_id


class Merges(Protocol):
    async def sides(self, municipality_id: str, file_ids: Sequence[str]) -> list[Side]: ...
    async def get(self, merge_id: str, municipality_ids: frozenset[str]) -> MadeMerge: ...
    async def make(self, merge: Merge, kept: Side, merged: Side, *, account_id: str, at: datetime) -> MadeMerge: ...
    async def undo(self, undoing: Undoing, *, account_id: str, at: datetime) -> None: ...


class References(Protocol):
    async def of(self, municipality_id: str, references: Sequence[str]) -> dict[str, str]: ...


class Custodies(Protocol):
    async def households_of(self, municipality_id: str, child_id: str) -> list[str]:
        """Those that joined the town with the child."""

    async def set_in(self, municipality_ids: frozenset[str], child_id: str) -> Sequence[Custody]: ...


async def merge_files(
    kept_file_id: str,
    merged_file_id: str,
    pairs: Sequence[tuple[str, str]],
    *,
    municipality_id: str,
    account_id: str,
    merges: Merges,
    references: References,
    custodies: Custodies,
    clock: Clock,
) -> MadeMerge:
    """`pairs`: (kept reference, merged reference) of each child both files have.

    Raises `NotFound`, the refusals of `merge`, `ChildElsewhere`, `CustodyShared`, `Conflict`.
    """
    kept, merged = await merges.sides(municipality_id, [kept_file_id, merged_file_id])
    known = await _known_ids(kept, merged, pairs, municipality_id, references, custodies)
    await _refuse_custody(kept, merged, municipality_id, custodies)
    settled = replace(kept, file=replace(kept.file, child_ids=known))
    now = clock()
    decided = merge(settled, merged, pairs, merge_id=new_id("mrg"), new_id=new_id, now=now)
    return await merges.make(decided, kept, merged, account_id=account_id, at=now)


async def _known_ids(
    kept: Side,
    merged: Side,
    pairs: Sequence[tuple[str, str]],
    municipality_id: str,
    references: References,
    custodies: Custodies,
) -> dict[str, str]:
    """What the town's references mean already. Raises `ChildElsewhere` when a pair cannot be brought together."""
    written = [child.reference for side in (kept, merged) for child in side.file.whole.children]
    known = await references.of(municipality_id, written)
    ours = {side.household.id for side in (kept, merged) if side.household}
    for own, theirs in pairs:
        one, other = known.get(own), known.get(theirs)
        if one and other and one != other:
            households = {*await custodies.households_of(municipality_id, other)}
            if not (kept.household and merged.household) or households - ours:
                raise ChildElsewhere()
        elif other and not one:
            known[own] = other
    return {reference: child_id for reference, child_id in known.items() if reference not in dict(pairs).values()}


async def _refuse_custody(kept: Side, merged: Side, municipality_id: str, custodies: Custodies) -> None:
    """Raises `CustodyShared`."""
    if kept.household is None or merged.household is None:
        return
    for child in merged.household.children:
        for custody in await custodies.set_in(frozenset({municipality_id}), child.id):
            # Weeks with a third household go over to the kept one.
            if custody.plan and {kept.household.id, merged.household.id} <= custody.plan.household_ids:
                raise CustodyShared()


async def undo_merge(
    merge_id: str, *, municipality_ids: frozenset[str], account_id: str, merges: Merges, clock: Clock
) -> MadeMerge:
    """Raises `NotFound`, `MergeUndone`, `ChangedSince`."""
    made = await merges.get(merge_id, municipality_ids)
    try:
        await merges.undo(undo(made), account_id=account_id, at=clock())
    except Conflict:
        raise ChangedSince(at=made.made_at) from None
    return made

"""Undoing a merge: everything it touched as it was before, told anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from shared.contracts import Event
from shared.contracts.identity import HouseholdsUnmerged, MergedChild
from shared.errors import N_, Refused


class MergeUndone(Refused):
    code = "merge-undone"
    title = N_("Already undone")
    sentence = N_("This merge was undone on %(at)s.")
    remedy = N_("Both files stand on their own again; nothing is left to do.")


class ChangedSince(Refused):
    code = "changed-since-merge"
    title = N_("Changed since the merge")
    sentence = N_("The files or households were changed after the merge of %(at)s: undoing it would lose that.")
    remedy = N_("Undo the later change first, a later merge for instance; else correct the file by an import.")


@dataclass(frozen=True, kw_only=True)
class MadeMerge:
    """A merge that was made, with both sides as they were before it. `kept_household`: the one that goes with the
    kept file since; `merged_household` only where both had one."""

    id: str
    municipality_id: str
    kept_file: FamilyFile
    merged_file: FamilyFile
    kept_household: Household | None
    merged_household: Household | None
    child_ids: Mapping[str, str]
    towns: tuple[str, ...]
    made_by: str
    made_at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Undoing:
    """What to write again, unless something newer stands in the way."""

    made: MadeMerge
    files: Sequence[FamilyFile]
    told: Sequence[tuple[Household, Sequence[Event]]]


def undo(made: MadeMerge) -> Undoing:
    """Raises `MergeUndone`."""
    if made.undone_at:
        raise MergeUndone(at=made.undone_at)
    kept, merged = made.kept_household, made.merged_household
    told: list[tuple[Household, Sequence[Event]]] = []
    if kept:
        told.append((kept, _kept_told(made, kept, merged)))
    if merged:
        told.append((merged, _merged_told(merged)))
    return Undoing(made=made, files=(made.kept_file, made.merged_file), told=told)


def _kept_told(made: MadeMerge, kept: Household, merged: Household | None) -> list[Event]:
    events: list[Event] = [kept.joined_told(made.municipality_id)]
    if merged is None:
        return [*events, kept.profile_told()]
    back = [one.ended_told(kept.id) for one in merged.adhesions if one.municipality_id in made.towns]
    children = tuple(MergedChild(kept=new, merged=old) for old, new in made.child_ids.items() if old != new)
    unmerged = HouseholdsUnmerged(
        merge_id=made.id,
        municipality_id=made.municipality_id,
        kept_household_id=kept.id,
        merged_household_id=merged.id,
        children=children,
    )
    return [*events, *back, unmerged, kept.profile_told()]


def _merged_told(merged: Household) -> list[Event]:
    return [*(merged.joined_told(one.municipality_id) for one in merged.adhesions), merged.profile_told()]

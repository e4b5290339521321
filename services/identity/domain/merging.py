"""Two files of a town that are one family's: what becomes of them, and of the households that joined with them.

The kept file goes on naming what the town writes in it, adopts the other file's children, and knows the references of
those that are its own. The other file stays as it is, points to the kept one and is found no more. Where both had
joined, the kept household takes over the other's guardians, children and towns; the other one is left empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Adhesion, Child, Guardian, Household, NewId
from shared.contracts import Event
from shared.contracts.identity import HouseholdsMerged, MergedChild
from shared.errors import N_, BadInput, Refused
from shared.text import plain

MOST_GUARDIANS = 4
NO_SUCH_CHILD = N_("The file has no child with this reference.")
TWICE = N_("This child is named twice.")


class MergeUnfit(BadInput):
    code = "merge-unfit"
    title = N_("These children cannot be put together")
    sentence = N_("The children to put together are not those of the two files.")
    remedy = N_("Name each child once, by the reference it has in its own file.")


class SameFile(BadInput):
    code = "same-file"
    title = N_("One and the same file")
    sentence = N_("A file cannot be merged into itself.")
    remedy = N_("Choose two different files of the same family.")

    def __init__(self) -> None:
        super().__init__([])


class BothElsewhere(Refused):
    code = "both-elsewhere"
    title = N_("Joined twice elsewhere")
    sentence = N_("Both households have also joined another town, which keeps two files of its own.")
    remedy = N_("Ask that town to merge its files first, or the family to leave it with one of its accounts.")


class ChildElsewhere(Refused):
    code = "child-elsewhere"
    title = N_("Child of another household too")
    sentence = N_("A child of these files is also known, under another identity, in a further file or household.")
    remedy = N_("Say first which references mean the same child, or merge without putting these children together.")


class CustodyShared(Refused):
    code = "custody-shared"
    title = N_("Custody weeks are set")
    sentence = N_("Custody weeks share a child between these two households: they are not one family.")
    remedy = N_("If they are after all, take the custody weeks away first.")


class TooManyGuardians(Refused):
    code = "too-many-guardians"
    title = N_("Too many guardians")
    sentence = N_("Together these households have more than four guardians: they are rarely one family.")
    remedy = N_("Check whether they are two households of the same children; then custody weeks are what is needed.")


@dataclass(frozen=True, kw_only=True)
class Side:
    """A file, and the household that joined with it."""

    file: FamilyFile
    household: Household | None = None


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Both sides after the merge. `child_ids`, `guardian_ids`: of the merged household → what they are now."""

    id: str
    kept: Side
    merged: Side
    pairs: tuple[tuple[str, str], ...]
    child_ids: Mapping[str, str]
    guardian_ids: Mapping[str, str]
    towns: tuple[str, ...] = ()
    """Those the kept household took over from the other one."""
    ended: tuple[Adhesion, ...] = ()
    """Adhesions the merged household had."""

    def told(self) -> list[tuple[Household, list[Event]]]:
        """Each household with what to say of it; adhesions whole, so that consumers link children anew."""
        town = self.kept.file.municipality_id
        kept, merged = self.kept.household, self.merged.household
        if kept is None:
            return []
        events: list[Event] = [kept.joined_told(one) for one in (town, *self.towns)]
        if merged is None:
            return [(kept, [*events, kept.profile_told()])]
        children = tuple(MergedChild(kept=new, merged=old) for old, new in self.child_ids.items() if old != new)
        events.append(
            HouseholdsMerged(
                merge_id=self.id,
                municipality_id=town,
                kept_household_id=kept.id,
                merged_household_id=merged.id,
                children=children,
            )
        )
        ended = [one.ended_told(merged.id) for one in self.ended]
        return [(kept, [*events, kept.profile_told()]), (merged, [*ended, merged.profile_told()])]


def merge(
    kept: Side, merged: Side, pairs: Sequence[tuple[str, str]], *, merge_id: str, new_id: NewId, now: datetime
) -> Merge:
    """`pairs`: (kept reference, merged reference) of each child that both files have.

    Raises `SameFile`, `FileMerged`, `MergeUnfit`, `BothElsewhere`, `TooManyGuardians`.
    """
    _check(kept, merged, pairs)
    file = _adopting(kept.file, merged.file, pairs)
    gone = replace(
        merged.file,
        merged_into=file.id,
        household_id="",
        invitation=merged.file.invitation.voided(now) if merged.file.invitation else None,
    )
    made = Merge(
        id=merge_id,
        kept=Side(file=file),
        merged=Side(file=gone),
        pairs=tuple(pairs),
        child_ids={},
        guardian_ids={},
    )
    if kept.household and merged.household:
        return _both(made, kept.file, kept.household, merged.household, new_id)
    if kept.household:
        return replace(made, kept=Side(file=file, household=kept.household.following(file, kept.file.whole, new_id)))
    if merged.household:
        moved = _moved(merged.household, file, new_id)
        return replace(made, kept=Side(file=file.joined_by(moved.id), household=moved))
    return made


def _check(kept: Side, merged: Side, pairs: Sequence[tuple[str, str]]) -> None:
    if kept.file.id == merged.file.id:
        raise SameFile()
    kept.file.standing()
    merged.file.standing()
    errors = []
    for name, side, place in (("kept_reference", kept, 0), ("merged_reference", merged, 1)):
        there = {child.reference for child in side.file.whole.children}
        named = [pair[place] for pair in pairs]
        for number, reference in enumerate(named):
            wrong = NO_SUCH_CHILD if reference not in there else TWICE if reference in named[:number] else ""
            if wrong:
                errors.append({"in": "body", "field": f"children.{number}.{name}", "message": wrong, "facts": {}})
    if errors:
        raise MergeUnfit(errors)


def _adopting(kept: FamilyFile, merged: FamilyFile, pairs: Sequence[tuple[str, str]]) -> FamilyFile:
    own = {theirs: ours for ours, theirs in pairs}
    adopted = tuple(child for child in merged.whole.children if child.reference not in own)
    # What had been merged into the other file before: its aliases follow their child.
    inherited = {alias: own.get(reference, reference) for alias, reference in merged.aliases.items()}
    return replace(kept, adopted=(*kept.adopted, *adopted), aliases={**kept.aliases, **inherited, **own})


def _moved(household: Household, file: FamilyFile, new_id: NewId) -> Household:
    """The merged file's household, from now on with the kept file: its children stay who they are."""
    adhesion = household.adhesion(file.municipality_id)
    if adhesion is None:
        return household
    known = {**adhesion.child_ids, **{file.aliases.get(one, one): id_ for one, id_ in adhesion.child_ids.items()}}
    now_with = replace(adhesion, family_file_id=file.id, child_ids=known)
    adhesions = tuple(now_with if one is adhesion else one for one in household.adhesions)
    return replace(household, adhesions=adhesions).following(file, file.whole, new_id)


def _both(made: Merge, before: FamilyFile, kept: Household, merged: Household, new_id: NewId) -> Merge:
    town = before.municipality_id
    there = {one.municipality_id for one in kept.adhesions}
    moving = tuple(one for one in merged.adhesions if one.municipality_id != town)
    if any(one.municipality_id in there for one in moving):
        raise BothElsewhere()
    child_ids = _child_ids(made, kept, merged, town)
    guardians, guardian_ids = _guardians(kept.guardians, merged.guardians)
    together = replace(
        kept,
        guardians=guardians,
        children=(*kept.children, *_added(kept.children, merged.children, child_ids)),
        adhesions=(*kept.adhesions, *(_renamed(one, child_ids) for one in moving)),
    )
    adopted = merged.adhesion(town)
    known = {reference: child_ids[one] for reference, one in (adopted.child_ids if adopted else {}).items()}
    file = replace(made.kept.file, child_ids={**made.kept.file.child_ids, **known})
    return replace(
        made,
        kept=Side(file=made.kept.file, household=together.following(file, before.whole, new_id)),
        merged=Side(file=made.merged.file, household=replace(merged, adhesions=())),
        child_ids=child_ids,
        guardian_ids=guardian_ids,
        towns=tuple(one.municipality_id for one in moving),
        ended=merged.adhesions,
    )


def _child_ids(made: Merge, kept: Household, merged: Household, town: str) -> dict[str, str]:
    """Of each child of the merged household; those not put together stay who they are."""
    ours, theirs = kept.adhesion(town), merged.adhesion(town)
    same = {
        theirs.child_ids[reference]: ours.child_ids[own]
        for own, reference in made.pairs
        if ours and theirs and reference in theirs.child_ids and own in ours.child_ids
    }
    return {child.id: same.get(child.id, child.id) for child in merged.children}


def _added(ours: Sequence[Child], theirs: Sequence[Child], child_ids: Mapping[str, str]) -> list[Child]:
    there = {child.id for child in ours}
    return [child for child in theirs if child_ids[child.id] not in there]


def _renamed(adhesion: Adhesion, child_ids: Mapping[str, str]) -> Adhesion:
    renamed = {reference: child_ids.get(one, one) for reference, one in adhesion.child_ids.items()}
    return replace(adhesion, child_ids=renamed)


def _guardians(ours: tuple[Guardian, ...], theirs: tuple[Guardian, ...]) -> tuple[tuple[Guardian, ...], dict[str, str]]:
    """Ours with those of theirs that have another name; and who of theirs is who now. Raises `TooManyGuardians`."""
    known = {_name(one): one.id for one in ours}
    guardian_ids = {one.id: known.get(_name(one), one.id) for one in theirs}
    together = (*ours, *(one for one in theirs if guardian_ids[one.id] == one.id))
    if len(together) > MOST_GUARDIANS:
        raise TooManyGuardians()
    return together, guardian_ids


def _name(guardian: Guardian) -> tuple[str, str]:
    return plain(guardian.first_name), plain(guardian.last_name)

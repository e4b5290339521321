"""What an accepted change does to the household, and to the town's file where children come or go."""

from dataclasses import dataclass, replace

from services.identity.domain.changes import (
    ChangeOutdated,
    ChangeRequest,
    ReferenceNeeded,
    ReferenceTaken,
    birth_date_of,
    child_of,
    names_of_child,
    names_of_guardian,
    whole_child,
)
from services.identity.domain.families import FamilyFile, FileChild
from services.identity.domain.households import Adhesion, Child, Household
from shared.contracts import Event
from shared.contracts.households import ChildChanged, GuardianChanged, HouseholdChanged


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The household as it will be, the file when it changes too, and what there is to tell."""

    household: Household
    file: FamilyFile | None = None
    events: tuple[Event, ...]


def household_changed(household: Household, *changed: str) -> HouseholdChanged:
    towns = tuple(one.municipality_id for one in household.adhesions)
    return HouseholdChanged(household_id=household.id, municipality_ids=towns, changed=changed)


def renamed_guardian(asked: ChangeRequest, household: Household) -> Effect:
    """Raises `ChangeOutdated`, `NotFound`."""
    _check_same(asked, names_of_guardian(household, asked.about))
    guardian = household.guardian(asked.about)
    if guardian is None:
        raise ChangeOutdated()
    after = household.with_guardian(replace(guardian, **asked.new))
    told = GuardianChanged(household_id=household.id, guardian_id=guardian.id, change="name")
    return Effect(household=after, events=(told, household_changed(after, "guardians"), after.profile_told()))


def renamed_child(asked: ChangeRequest, household: Household) -> Effect:
    """Raises `ChangeOutdated`, `NotFound`."""
    child = child_of(household, asked.about)
    _check_same(asked, names_of_child(child))
    renamed = replace(child, **asked.new)
    after = replace(household, children=tuple(renamed if one.id == child.id else one for one in household.children))
    told = ChildChanged(household_id=household.id, child_id=child.id, change="name")
    return Effect(household=after, events=(told, household_changed(after, "children"), after.profile_told()))


def added_child(
    asked: ChangeRequest, household: Household, file: FamilyFile, *, reference: str, child_id: str
) -> Effect:
    """`reference`: the town's own; `child_id`: what it means, settled before. Raises `ReferenceTaken`."""
    if not reference:
        raise ReferenceNeeded()
    adhesion = _adhesion(household, asked)
    if reference in adhesion.child_ids or any(one.reference == reference for one in file.whole.children):
        raise ReferenceTaken()
    child = Child(
        id=child_id,
        first_name=asked.new["first_name"],
        last_name=asked.new["last_name"],
        birth_date=birth_date_of(asked.new),
    )
    written = FileChild(
        reference=reference,
        first_name=child.first_name,
        last_name=child.last_name,
        birth_date=child.birth_date,
    )
    known = tuple(one for one in household.children if one.id != child_id)
    named = replace(adhesion, child_ids={**adhesion.child_ids, reference: child_id})
    after = _with_adhesion(replace(household, children=(*known, child)), named)
    family = replace(file.family, children=(*file.family.children, written))
    return _with_file(asked, after, replace(file, family=family), child_id, "added")


def removed_child(asked: ChangeRequest, household: Household, file: FamilyFile) -> Effect:
    """Taken off this town's file; other towns that know the child keep it. Raises `ChangeOutdated`."""
    _check_same(asked, whole_child(child_of(household, asked.about)))
    adhesion = _adhesion(household, asked)
    left = {reference: one for reference, one in adhesion.child_ids.items() if one != asked.about}
    gone = set(adhesion.child_ids) - set(left)
    elsewhere = any(
        asked.about in one.child_ids.values()
        for one in household.adhesions
        if one.municipality_id != file.municipality_id
    )
    children = tuple(one for one in household.children if elsewhere or one.id != asked.about)
    after = _with_adhesion(replace(household, children=children), replace(adhesion, child_ids=left))
    family = replace(file.family, children=tuple(one for one in file.family.children if one.reference not in gone))
    return _with_file(asked, after, replace(file, family=family), asked.about, "removed")


def _with_file(asked: ChangeRequest, after: Household, file: FamilyFile, child_id: str, change: str) -> Effect:
    told = ChildChanged.model_validate({"household_id": after.id, "child_id": child_id, "change": change})
    events = (
        told,
        household_changed(after, "children"),
        after.joined_told(asked.municipality_id),
        after.profile_told(),
    )
    return Effect(household=after, file=file, events=events)


def _adhesion(household: Household, asked: ChangeRequest) -> Adhesion:
    adhesion = household.adhesion(asked.municipality_id)
    if adhesion is None:
        raise ChangeOutdated()
    return adhesion


def _with_adhesion(household: Household, changed: Adhesion) -> Household:
    others = (changed if one.municipality_id == changed.municipality_id else one for one in household.adhesions)
    return replace(household, adhesions=tuple(others))


def _check_same(asked: ChangeRequest, now: dict[str, object]) -> None:
    if dict(asked.old) != now:
        raise ChangeOutdated()

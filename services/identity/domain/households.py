"""A household: the family as it manages itself, and the towns it joined."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias

from services.identity.domain.families import AlreadyJoined, Family, FamilyFile, FileChild
from services.identity.domain.invitations import Invitation
from shared.contracts.identity import (
    AdhesionEnded,
    AdhesionJoined,
    HouseholdProfiled,
    JoinedChild,
    ProfiledChild,
    ProfiledGuardian,
)
from shared.errors import N_, BadInput, NotFound
from shared.text import plain

NewId: TypeAlias = Callable[[str], str]
MOST_GUARDIANS = 2


class ChildrenFixed(BadInput):
    code = "children-fixed"
    title = N_("The children are those of the town hall's file")
    sentence = N_("Children can be neither added nor removed here: the file names %(expected)s.")
    remedy = N_("Correct their names if need be; call the town hall when a child is missing or should not be there.")


class GuardiansFixed(BadInput):
    code = "guardians-fixed"
    title = N_("A guardian of the file is missing")
    sentence = N_("Guardians cannot be removed here: the town hall's file names %(expected)s of them.")
    remedy = N_("Correct their names if need be; call the town hall when a guardian should not be there.")


@dataclass(frozen=True, kw_only=True)
class Guardian:
    """`civility` is `M.` or `Mme`; `email` and `phone` may be empty.

    `secondary_email`, `language`, `channels`: what the guardian's own account says; empty until there is one.
    """

    id: str
    civility: str
    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    secondary_email: str = ""
    language: str = ""
    channels: tuple[str, ...] = ()
    secondary_phone: str = ""


@dataclass(frozen=True, kw_only=True)
class GuardianInvitation:
    """One guardian invited, at this address, to a log-in of their own."""

    guardian_id: str
    email: str
    invitation: Invitation
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class Child:
    id: str
    first_name: str
    last_name: str
    birth_date: date

    @property
    def likeness(self) -> tuple[str, str, date]:
        return likeness(self.first_name, self.last_name, self.birth_date)


@dataclass(frozen=True, kw_only=True)
class Adhesion:
    """One town the household joined. `child_ids`: the town's own reference of each child → child id."""

    id: str
    municipality_id: str
    family_file_id: str
    family_reference: str
    resident: bool
    joined_at: datetime
    child_ids: Mapping[str, str]

    def ended_told(self, household_id: str) -> AdhesionEnded:
        return AdhesionEnded(
            household_id=household_id, municipality_id=self.municipality_id, family_file_id=self.family_file_id
        )


@dataclass(frozen=True, kw_only=True)
class Household:
    id: str
    name: str
    address: str
    guardians: tuple[Guardian, ...]
    children: tuple[Child, ...]
    adhesions: tuple[Adhesion, ...]
    guardian_invitations: tuple[GuardianInvitation, ...] = ()
    version: int = 0

    def guardian(self, guardian_id: str) -> Guardian | None:
        return next((one for one in self.guardians if one.id == guardian_id), None)

    def with_guardian(self, changed: Guardian) -> "Household":
        """That guardian as it is now, in its place."""
        return replace(self, guardians=tuple(changed if one.id == changed.id else one for one in self.guardians))

    def adhesion(self, municipality_id: str) -> Adhesion | None:
        return next((one for one in self.adhesions if one.municipality_id == municipality_id), None)

    def words(self) -> Iterator[str]:
        """What people who know the family would try as a password."""
        yield self.name
        for guardian in self.guardians:
            yield from (guardian.first_name, guardian.last_name, guardian.email)
        for child in self.children:
            yield from (child.first_name, child.last_name)

    def joining(self, file: FamilyFile, *, new_id: NewId, now: datetime) -> "Household":
        """With one more town. A child already known keeps its id. Raises `AlreadyJoined`."""
        if self.adhesion(file.municipality_id):
            raise AlreadyJoined()
        children, child_ids = _met(self.children, file.whole.children, file.child_ids, new_id)
        adhesion = _adhesion(file, file.with_aliases(child_ids), new_id("adh"), now)
        return replace(self, children=children, adhesions=(*self.adhesions, adhesion))

    def following(self, file: FamilyFile, before: Family, new_id: NewId) -> "Household":
        """As the town's file now has it: new children added, the town's corrections of children taken over.

        A child who left the file stays in the household; the town just does not name it any more.
        """
        adhesion = self.adhesion(file.municipality_id)
        if adhesion is None:
            return self
        known = {**file.child_ids, **adhesion.child_ids}
        children, child_ids = _met(self.children, file.whole.children, known, new_id)
        corrected = _corrections(before, file.whole, child_ids)
        followed = replace(
            adhesion,
            family_reference=file.family.reference,
            resident=file.family.resident,
            child_ids=file.with_aliases(child_ids),
        )
        return replace(
            self,
            children=tuple(_corrected(child, corrected.get(child.id)) for child in children),
            adhesions=tuple(followed if one is adhesion else one for one in self.adhesions),
        )

    def leaving(self, municipality_id: str) -> "Household":
        """Without that town; its children stay, other towns may know them. Raises `NotFound`."""
        if self.adhesion(municipality_id) is None:
            raise NotFound()
        return replace(self, adhesions=tuple(one for one in self.adhesions if one.municipality_id != municipality_id))

    def joined_told(self, municipality_id: str) -> AdhesionJoined:
        """The adhesion whole: consumers replace what they have."""
        adhesion = next(one for one in self.adhesions if one.municipality_id == municipality_id)
        return AdhesionJoined(
            household_id=self.id,
            municipality_id=municipality_id,
            family_file_id=adhesion.family_file_id,
            family_reference=adhesion.family_reference,
            resident=adhesion.resident,
            children=tuple(
                JoinedChild(child_id=child_id, reference=reference)
                for reference, child_id in adhesion.child_ids.items()
            ),
        )

    def profile_told(self) -> HouseholdProfiled:
        return HouseholdProfiled(
            household_id=self.id,
            name=self.name,
            municipality_ids=tuple(one.municipality_id for one in self.adhesions),
            guardians=tuple(_profiled_guardian(guardian) for guardian in self.guardians),
            children=tuple(_profiled_child(child) for child in self.children),
            address=self.address,
            language=next((one.language for one in self.guardians if one.language), "fr"),
        )


def likeness(first_name: str, last_name: str, birth_date: date) -> tuple[str, str, date]:
    """What two towns' writings of one child have in common."""
    return plain(first_name), plain(last_name), birth_date


def _adhesion(file: FamilyFile, child_ids: Mapping[str, str], adhesion_id: str, now: datetime) -> Adhesion:
    return Adhesion(
        id=adhesion_id,
        municipality_id=file.municipality_id,
        family_file_id=file.id,
        family_reference=file.family.reference,
        resident=file.family.resident,
        joined_at=now,
        child_ids=child_ids,
    )


def _met(
    children: tuple[Child, ...], of_file: Sequence[FileChild], known: Mapping[str, str], new_id: NewId
) -> tuple[tuple[Child, ...], dict[str, str]]:
    """The household's children with those of the file among them, and the ids by the town's references."""
    by_likeness = {child.likeness: child.id for child in children}
    there = {child.id for child in children}
    child_ids: dict[str, str] = {}
    added: list[Child] = []
    for one in of_file:
        like = likeness(one.first_name, one.last_name, one.birth_date)
        child_id = known.get(one.reference) or by_likeness.get(like) or new_id("chd")
        if child_id not in there:
            # Not known here: new altogether, or known to the town in the child's other household.
            added.append(_new_child(one, child_id))
            there.add(child_id)
            by_likeness.setdefault(like, child_id)
        child_ids[one.reference] = child_id
    return (*children, *added), child_ids


def proposed_ids(file: FamilyFile, household: Household | None, new_id: NewId) -> dict[str, str]:
    """The id each child of the file would have, were it nobody's yet: as the household knows it, or a new one."""
    known = household.adhesion(file.municipality_id) if household else None
    _, child_ids = _met(
        household.children if household else (), file.whole.children, known.child_ids if known else {}, new_id
    )
    return child_ids


def _new_child(one: FileChild, child_id: str) -> Child:
    return Child(id=child_id, first_name=one.first_name, last_name=one.last_name, birth_date=one.birth_date)


def _corrections(before: Family, after: Family, child_ids: Mapping[str, str]) -> dict[str, FileChild]:
    """What the town rewrote itself; a name the family corrected stays unless the town changes its own."""
    former = {child.reference: child for child in before.children}
    rewritten = [one for one in after.children if former.get(one.reference, one) != one]
    return {child_ids[one.reference]: one for one in rewritten}


def _corrected(child: Child, correction: FileChild | None) -> Child:
    return _new_child(correction, child.id) if correction else child


def _profiled_guardian(guardian: Guardian) -> ProfiledGuardian:
    return ProfiledGuardian(
        guardian_id=guardian.id,
        civility=guardian.civility,
        first_name=guardian.first_name,
        last_name=guardian.last_name,
        email=guardian.email or None,
        phone=guardian.phone or None,
        secondary_email=guardian.secondary_email or None,
        language=guardian.language or None,
        channels=guardian.channels or None,
    )


def _profiled_child(child: Child) -> ProfiledChild:
    return ProfiledChild(
        child_id=child.id, first_name=child.first_name, last_name=child.last_name, birth_date=child.birth_date
    )

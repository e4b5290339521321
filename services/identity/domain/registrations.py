"""What a family answers to the prefilled form, held against the town's file."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.identity.domain.families import FamilyFile
from services.identity.domain.households import (
    MOST_GUARDIANS,
    Child,
    ChildrenFixed,
    Guardian,
    GuardiansFixed,
    Household,
    NewId,
)


@dataclass(frozen=True, kw_only=True)
class WrittenGuardian:
    civility: str
    first_name: str
    last_name: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class WrittenChild:
    """`reference`: which child of the file this is."""

    reference: str
    first_name: str
    last_name: str


@dataclass(frozen=True, kw_only=True)
class Registration:
    """The form as sent. Guardians in the order of the file; the first one's address is the log-in."""

    code: str = field(repr=False)
    email: str
    password: str = field(repr=False)
    family_name: str
    guardians: tuple[WrittenGuardian, ...]
    children: tuple[WrittenChild, ...]

    def household(self, file: FamilyFile, *, household_id: str, new_id: NewId, now: datetime) -> Household:
        """The household this makes of the file. Raises `GuardiansFixed`, `ChildrenFixed`."""
        self._check_guardians(file)
        self._check_children(file)
        started = _started(file, self.family_name, self.guardians, household_id, new_id)
        household = started.joining(file, new_id=new_id, now=now)
        child_ids = household.adhesions[0].child_ids
        written = {child_ids[one.reference]: one for one in self.children}
        return replace(household, children=tuple(_corrected(child, written[child.id]) for child in household.children))

    def _check_guardians(self, file: FamilyFile) -> None:
        if not len(file.family.guardians) <= len(self.guardians) <= MOST_GUARDIANS:
            raise GuardiansFixed(expected=len(file.family.guardians))

    def _check_children(self, file: FamilyFile) -> None:
        expected = sorted(child.reference for child in file.whole.children)
        if sorted(child.reference for child in self.children) != expected:
            raise ChildrenFixed(expected=", ".join(child.first_name for child in file.whole.children))


def start_household(file: FamilyFile, *, household_id: str, new_id: NewId, now: datetime) -> Household:
    """A household exactly as the file has it, with its first town."""
    family = file.family
    written = tuple(
        WrittenGuardian(civility=one.civility, first_name=one.first_name, last_name=one.last_name, phone=phone)
        for one, phone in zip(family.guardians, (family.phone, ""), strict=False)
    )
    return _started(file, family.name, written, household_id, new_id).joining(file, new_id=new_id, now=now)


def _started(
    file: FamilyFile, name: str, guardians: tuple[WrittenGuardian, ...], household_id: str, new_id: NewId
) -> Household:
    """Before it joined any town."""
    return Household(
        id=household_id,
        name=name,
        address=file.family.address,
        guardians=_guardians(guardians, file.family.email, new_id),
        children=(),
        adhesions=(),
    )


def _corrected(child: Child, written: WrittenChild) -> Child:
    return replace(child, first_name=written.first_name, last_name=written.last_name)


def _guardians(written: tuple[WrittenGuardian, ...], email: str, new_id: NewId) -> tuple[Guardian, ...]:
    return tuple(
        Guardian(
            id=new_id("grd"),
            civility=one.civility,
            first_name=one.first_name,
            last_name=one.last_name,
            email="" if place else email,
            phone=one.phone,
        )
        for place, one in enumerate(written)
    )

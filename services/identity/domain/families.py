"""A family file: what one town knows of a family, before and after the family has an account."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.identity.domain.invitations import FAMILY, Invitation, Issuance
from shared.contracts.identity import FamilyInvited, InvitationIssued
from shared.errors import N_, Refused


class AlreadyJoined(Refused):
    code = "already-joined"
    title = N_("Already joined")
    sentence = N_("This family already has its account for this town.")
    remedy = N_("Sign in with the account; to join two files of the same family, call the town hall.")


class FileMerged(Refused):
    code = "file-merged"
    title = N_("File merged")
    sentence = N_("This file was merged into another one, which stands for the family now.")
    remedy = N_("Use the other file, or undo the merge.")


@dataclass(frozen=True, kw_only=True)
class FileGuardian:
    """`civility` is `M.` or `Mme`."""

    civility: str
    first_name: str
    last_name: str


@dataclass(frozen=True, kw_only=True)
class FileChild:
    reference: str
    first_name: str
    last_name: str
    birth_date: date


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family as the town writes it; references are the town's own."""

    reference: str
    name: str
    email: str
    phone: str = ""
    address: str = ""
    resident: bool = True
    guardians: tuple[FileGuardian, ...]
    children: tuple[FileChild, ...]


@dataclass(frozen=True, kw_only=True)
class FamilyFile:
    id: str
    municipality_id: str
    family: Family
    invitation: Invitation | None = None
    household_id: str = ""
    adopted: tuple[FileChild, ...] = ()
    """Children of files merged into this one that this one does not name itself."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """References of merged files' children → this file's own reference of the same child."""
    merged_into: str = ""
    """The file that stands for this one since they were merged."""
    version: int = 0
    child_ids: Mapping[str, str] = field(default_factory=dict)
    """Ids the town's references of children have already, also in other households; looked up when it is joined."""

    @property
    def joined(self) -> bool:
        return bool(self.household_id)

    @property
    def whole(self) -> Family:
        """As the town writes the family, with the children of files merged into this one."""
        named = {child.reference for child in self.family.children}
        adopted = tuple(child for child in self.adopted if child.reference not in named)
        return replace(self.family, children=(*self.family.children, *adopted)) if adopted else self.family

    def standing(self) -> None:
        """Raises `FileMerged`."""
        if self.merged_into:
            raise FileMerged()

    def with_aliases(self, child_ids: Mapping[str, str]) -> dict[str, str]:
        """The ids by reference, also by the references that merged files had for the same children."""
        also = {alias: child_ids[own] for alias, own in self.aliases.items() if own in child_ids}
        return {**child_ids, **also}

    def state(self, now: datetime) -> str:
        """`joined`, `invited`, `expired` or `not_invited`."""
        if self.joined:
            return "joined"
        if self.invitation is None:
            return "not_invited"
        return "invited" if self.invitation.is_live(now) else "expired"

    def rewritten(self, family: Family, now: datetime) -> "FamilyFile":
        """The town wrote something else; a code sent to the former address is worth nothing any more."""
        moved = family.email != self.family.email and self.invitation is not None and not self.joined
        invitation = self.invitation.voided(now) if moved and self.invitation else self.invitation
        return replace(self, family=family, invitation=invitation)

    def invited(self, issuance: Issuance) -> "FamilyFile":
        """With a fresh code in place of the former one. Raises `AlreadyJoined`, `FileMerged`."""
        self.standing()
        if self.joined:
            raise AlreadyJoined()
        return replace(self, invitation=issuance.invitation(self.family.email, typed=True))

    def invitation_told(self, issuance: Issuance) -> tuple[FamilyInvited, InvitationIssued]:
        """For the world the ids only; for who writes the letter also the code."""
        letter = issuance.told(
            municipality_id=self.municipality_id, kind=FAMILY, email=self.family.email, addressee=self.family.name
        )
        return FamilyInvited(family_file_id=self.id, municipality_id=self.municipality_id), letter

    def joined_by(self, household_id: str) -> "FamilyFile":
        return replace(self, household_id=household_id)

    def left(self, now: datetime) -> "FamilyFile":
        """Nobody's again; the code that was used is worth nothing, a new one can be asked for."""
        return replace(self, household_id="", invitation=self.invitation.voided(now) if self.invitation else None)

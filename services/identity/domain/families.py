"""A family file: what one town knows of a family, before and after the family has an account."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.identity.domain.invitations import FAMILY, Invitation, Issuance
from shared.contracts.identity import FamilyInvited, InvitationIssued
from shared.errors import N_, Refused


class AlreadyJoined(Refused):
    code = "already-joined"
    title = N_("Already joined")
    sentence = N_("This family already has its account for this town.")
    remedy = N_("Sign in with the account; to join two files of the same family, call the town hall.")


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
    version: int = 0

    @property
    def joined(self) -> bool:
        return bool(self.household_id)

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
        """With a fresh code in place of the former one. Raises `AlreadyJoined`."""
        if self.joined:
            raise AlreadyJoined()
        return replace(self, invitation=issuance.invitation(self.family.email))

    def invitation_told(self, issuance: Issuance) -> tuple[FamilyInvited, InvitationIssued]:
        """For the world the ids only; for who writes the letter also the code."""
        letter = issuance.told(
            municipality_id=self.municipality_id, kind=FAMILY, email=self.family.email, addressee=self.family.name
        )
        return FamilyInvited(family_file_id=self.id, municipality_id=self.municipality_id), letter

    def joined_by(self, household_id: str) -> "FamilyFile":
        return replace(self, household_id=household_id)

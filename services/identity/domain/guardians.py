"""The guardians of a household and their log-ins: who has one, who is invited to one, what an account says of them."""

from dataclasses import replace
from typing import Literal, TypeAlias

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.change_effects import household_changed
from services.identity.domain.households import MOST_GUARDIANS, Guardian, GuardianInvitation, Household
from services.identity.domain.invitations import GUARDIAN, InvitationUnknown, Issuance
from shared.contracts import Event
from shared.contracts.households import GuardianChanged
from shared.contracts.identity import InvitationIssued
from shared.errors import N_, NotFound, Refused

GuardianChange: TypeAlias = Literal["contact", "added", "log_in"]


class GuardianHasLogin(Refused):
    code = "guardian-has-login"
    title = N_("This guardian signs in already")
    sentence = N_("%(guardian)s already has a log-in for this household.")
    remedy = N_("They can choose a new password from the sign-in page if they no longer know it.")


class AddressShared(Refused):
    code = "address-shared"
    status = 422
    title = N_("An address of their own is needed")
    sentence = N_("This e-mail address already signs in for this household.")
    remedy = N_("Give the other guardian's own e-mail address: each log-in needs one.")


class HouseholdThere(Refused):
    code = "household-there"
    title = N_("You already have a household")
    sentence = N_("Your account already belongs to a household: it cannot join another one.")
    remedy = N_("Create the log-in of this household with another e-mail address, or call the town hall.")


class GuardianExists(AccountExists):
    code = "guardian-account-exists"
    remedy = N_("Sign in with it, then accept the invitation with its code.")


class GuardiansComplete(Refused):
    code = "guardians-complete"
    title = N_("Both guardians are there")
    sentence = N_("A household has two guardians at most, and this one has them.")
    remedy = N_("Correct their details if need be, or call the town hall.")


class NoSuchGuardian(NotFound):
    code = "guardian-missing"
    title = N_("No second guardian")
    sentence = N_("This household names no second guardian.")
    remedy = N_("Add the second guardian to the household first.")


def guardian_of(account: Account, household: Household) -> Guardian:
    """Accounts of before guardians had their own log-ins are the first guardian's."""
    return household.guardian(account.guardian_id) or household.guardians[0]


def at_place(household: Household, place: int) -> Guardian:
    """The first (1) or the second (2) guardian. Raises `NoSuchGuardian`."""
    if place > len(household.guardians):
        raise NoSuchGuardian()
    return household.guardians[place - 1]


def check_invitable(household: Household, guardian: Guardian, email: str, accounts: list[Account]) -> None:
    """`accounts`: those of the household. Raises `GuardianHasLogin`, `AddressShared`."""
    if any(guardian_of(one, household).id == guardian.id for one in accounts):
        raise GuardianHasLogin(guardian=f"{guardian.first_name} {guardian.last_name}")
    if any(one.email == email for one in accounts):
        raise AddressShared()


def invited(household: Household, guardian: Guardian, email: str, issuance: Issuance) -> Household:
    """With a fresh code for that guardian in place of the former one."""
    others = tuple(one for one in household.guardian_invitations if one.guardian_id != guardian.id)
    fresh = GuardianInvitation(guardian_id=guardian.id, email=email, invitation=issuance.invitation(email, typed=True))
    return replace(household, guardian_invitations=(*others, fresh))


def invitation_told(
    household: Household, guardian: Guardian, email: str, issuance: Issuance, town: str = ""
) -> InvitationIssued:
    """`town`: the one that invites; empty when a guardian does."""
    return issuance.told(
        municipality_id=town or writing_town(household),
        kind=GUARDIAN,
        email=email,
        addressee=f"{guardian.first_name} {guardian.last_name}",
    )


def guardian_told(household: Household, guardian_id: str, change: GuardianChange) -> tuple[Event, ...]:
    """That a guardian is different, and the household as it is now."""
    part = "contact" if change == "contact" else "guardians"
    return (
        GuardianChanged(household_id=household.id, guardian_id=guardian_id, change=change),
        household_changed(household, part),
        household.profile_told(),
    )


def writing_town(household: Household) -> str:
    """In whose name letters about the household go out; empty when it joined none."""
    return household.adhesions[0].municipality_id if household.adhesions else ""


def invitation_with(household: Household, hashed: str) -> GuardianInvitation:
    """By the hash of the code, with or without the address. Raises `InvitationUnknown`."""
    for one in household.guardian_invitations:
        if hashed in (one.invitation.code_hash, one.invitation.typed_hash):
            return one
    raise InvitationUnknown()


def accepted(household: Household, invitation: GuardianInvitation, account: Account) -> tuple[Household, Account]:
    """The guardian signs in with that account from now on."""
    guardian = household.guardian(invitation.guardian_id)
    if guardian is None:
        raise InvitationUnknown()
    joined = replace(account, household_id=household.id, guardian_id=guardian.id)
    used = tuple(replace(one, used=True) if one is invitation else one for one in household.guardian_invitations)
    known = replace(household, guardian_invitations=used).with_guardian(as_account_says(guardian, joined))
    return known, joined


def as_account_says(guardian: Guardian, account: Account) -> Guardian:
    """How the guardian is reached, as they say themselves."""
    return replace(
        guardian,
        email=account.email,
        phone=account.phone or guardian.phone,
        secondary_email=account.secondary_email,
        language=account.language,
        channels=account.channels,
    )


def with_second(household: Household, guardian: Guardian) -> Household:
    """Raises `GuardiansComplete`."""
    if len(household.guardians) >= MOST_GUARDIANS:
        raise GuardiansComplete()
    return replace(household, guardians=(*household.guardians, guardian))

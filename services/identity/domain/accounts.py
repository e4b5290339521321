"""An account: one address and password, for a guardian of a household, an agent of towns, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.identity.domain.invitations import AGENT, Invitation, Issuance
from shared.contracts.identity import AccountCreated, AgentRolesSet, InvitationIssued
from shared.errors import N_, Refused


class AccountExists(Refused):
    code = "account-exists"
    title = N_("Account already there")
    sentence = N_("An account with this e-mail address exists already.")
    remedy = N_("Sign in, then add the town with the code you received.")


@dataclass(frozen=True, kw_only=True)
class Activation:
    """The code a town gave an agent."""

    municipality_id: str
    invitation: Invitation


@dataclass(frozen=True, kw_only=True)
class Account:
    """`password_hash` is empty until its owner chose a password: nobody can sign in before."""

    id: str
    email: str
    first_name: str
    last_name: str
    password_hash: str = field(default="", repr=False)
    household_id: str = ""
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    activations: tuple[Activation, ...] = ()
    version: int = 0

    @property
    def active(self) -> bool:
        return bool(self.password_hash)

    def activation(self, code_hash: str) -> Activation | None:
        return next((one for one in self.activations if one.invitation.code_hash == code_hash), None)

    def invitation_of(self, municipality_id: str) -> Invitation | None:
        found = (one.invitation for one in self.activations if one.municipality_id == municipality_id)
        return next(found, None)

    def with_roles(self, municipality_id: str, names: frozenset[str]) -> "Account":
        """The roles of one town replaced; none takes the town away."""
        others = {town: roles for town, roles in self.roles.items() if town != municipality_id}
        return replace(self, roles={**others, municipality_id: names} if names else others)

    def roles_told(self, municipality_id: str) -> AgentRolesSet:
        names = tuple(sorted(self.roles.get(municipality_id, ())))
        return AgentRolesSet(account_id=self.id, municipality_id=municipality_id, roles=names)

    def invited(self, municipality_id: str, issuance: Issuance) -> "Account":
        """A fresh code from this town; codes of other towns stay good, they went to the same address."""
        others = tuple(one for one in self.activations if one.municipality_id != municipality_id)
        fresh = Activation(municipality_id=municipality_id, invitation=issuance.invitation(self.email))
        return replace(self, activations=(*others, fresh))

    def invitation_told(self, municipality_id: str, issuance: Issuance) -> InvitationIssued:
        addressee = f"{self.first_name} {self.last_name}"
        return issuance.told(municipality_id=municipality_id, kind=AGENT, email=self.email, addressee=addressee)

    def activated(self, password_hash: str) -> tuple["Account", AccountCreated]:
        """Its owner chose a password."""
        active = replace(self, password_hash=password_hash)
        kind = "guardian" if self.household_id else "agent"
        return active, AccountCreated(account_id=self.id, kind=kind, household_id=self.household_id or None)

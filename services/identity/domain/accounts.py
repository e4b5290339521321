"""An account: one address and password, for a guardian of a household, an agent of towns, or both."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.identity.domain.invitations import AGENT, Invitation, Issuance
from shared.contracts.identity import AccountClosed, AccountCreated, AgentRolesSet, InvitationIssued
from shared.errors import N_, BadInput, Refused


class AccountExists(Refused):
    code = "account-exists"
    title = N_("Account already there")
    sentence = N_("An account with this e-mail address exists already.")
    remedy = N_("Sign in, then add the town with the code you received.")


class RolesKept(Refused):
    code = "roles-kept"
    title = N_("This is an agent's account")
    sentence = N_("This account works for a town hall: it cannot be closed while it has roles there.")
    remedy = N_("Ask a manager of the town hall to take the roles away first.")


class AddressDiffers(BadInput):
    code = "address-differs"
    title = N_("Not your address")
    sentence = N_("This is not the e-mail address of your account.")
    remedy = N_("Type the address you sign in with, if you really want to close the account.")


CHANNELS = ("email", "sms", "push", "inbox")
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, kw_only=True)
class Activation:
    """The code a town gave an agent."""

    municipality_id: str
    invitation: Invitation


@dataclass(frozen=True, kw_only=True)
class Account:
    """`password_hash` is empty until its owner chose a password: nobody can sign in before.

    `guardian_id`: which guardian of the household signs in (empty: the first). `secondary_email` was verified.
    `programme_roles`: roles held in one programme only, by its id. `channels`: see `CHANNELS`.
    """

    id: str
    email: str
    first_name: str
    last_name: str
    password_hash: str = field(default="", repr=False)
    household_id: str = ""
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    activations: tuple[Activation, ...] = ()
    version: int = 0
    guardian_id: str = ""
    language: str = "fr"
    phone: str = ""
    secondary_email: str = ""
    channels: tuple[str, ...] = ("email", "inbox")
    programme_roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    closed_at: datetime | None = None
    last_signed_in_at: datetime | None = None

    @property
    def active(self) -> bool:
        return bool(self.password_hash)

    @property
    def is_agent(self) -> bool:
        return any(self.roles.values()) or any(self.programme_roles.values())

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

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
        programmes = sorted(one for one in self.programme_roles if one.startswith(f"{municipality_id}."))
        return AgentRolesSet(
            account_id=self.id,
            municipality_id=municipality_id,
            roles=tuple(sorted(self.roles.get(municipality_id, ()))),
            programme_roles={one: tuple(sorted(self.programme_roles[one])) for one in programmes},
        )

    def invited(self, municipality_id: str, issuance: Issuance) -> "Account":
        """A fresh code from this town; codes of other towns stay good, they went to the same address."""
        others = tuple(one for one in self.activations if one.municipality_id != municipality_id)
        fresh = Activation(municipality_id=municipality_id, invitation=issuance.invitation(self.email))
        return replace(self, activations=(*others, fresh))

    def invitation_told(self, municipality_id: str, issuance: Issuance) -> InvitationIssued:
        return issuance.told(municipality_id=municipality_id, kind=AGENT, email=self.email, addressee=self.name)

    def closed(self, now: datetime) -> tuple["Account", AccountClosed]:
        """Nobody's any more: its address is free, only its id and name stay. Raises `RolesKept`."""
        if self.is_agent:
            raise RolesKept()
        told = AccountClosed(account_id=self.id, household_id=self.household_id or None)
        nobody = replace(
            self,
            # `.invalid` is nobody's (RFC 2606); the id keeps addresses unique.
            email=f"{self.id}@closed.invalid",
            password_hash="",
            household_id="",
            guardian_id="",
            phone="",
            secondary_email="",
            activations=(),
            closed_at=now,
        )
        return nobody, told

    def activated(self, password_hash: str) -> tuple["Account", AccountCreated]:
        """Its owner chose a password."""
        active = replace(self, password_hash=password_hash)
        kind = "guardian" if self.household_id else "agent"
        return active, AccountCreated(account_id=self.id, kind=kind, household_id=self.household_id or None)

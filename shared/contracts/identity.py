"""What identity tells: towns, families, accounts, adhesions, agents."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange, Part


class MunicipalitySet(Event):
    """A town's public settings, whole. Subject: the municipality."""

    topic: ClassVar[str] = "identity.municipality_set.v1"

    municipality_id: str
    name: str
    time_zone: str
    school_zone: str
    public_holidays: str
    contact_email: str
    contact_phone: str
    contact_address: str
    opening_view: str
    services: tuple[str, ...]


class FamilyInvited(Event):
    """A family file got an activation code. Subject: the family file."""

    topic: ClassVar[str] = "identity.family_invited.v1"

    family_file_id: str
    municipality_id: str


class InvitationIssued(Event):
    """The invitation to write, with its code. Subject: the family file or the agent's account."""

    topic: ClassVar[str] = "identity.invitation_issued.v1"
    exchange: ClassVar[Exchange] = "profiles"

    invitation_id: str
    municipality_id: str
    kind: str
    """`family` or `agent`."""
    email: str
    code: str
    expires_at: AwareDatetime
    addressee: str
    """How the letter greets: the family's or the agent's name."""


class AccountCreated(Event):
    """Someone can log in. Subject: the account."""

    topic: ClassVar[str] = "identity.account_created.v1"

    account_id: str
    kind: str
    household_id: str | None = None


class JoinedChild(Part):
    child_id: str
    reference: str
    """The town's own reference of the child."""


class AdhesionJoined(Event):
    """A household joined a municipality. Subject: the household."""

    topic: ClassVar[str] = "identity.adhesion_joined.v1"

    household_id: str
    municipality_id: str
    family_file_id: str
    family_reference: str
    """The town's own reference of the family."""
    resident: bool
    children: tuple[JoinedChild, ...]


class ProfiledGuardian(Part):
    guardian_id: str
    civility: str
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None


class ProfiledChild(Part):
    child_id: str
    first_name: str
    last_name: str
    birth_date: date


class HouseholdProfiled(Event):
    """A household as services show it to people, whole. Subject: the household."""

    topic: ClassVar[str] = "identity.household_profiled.v1"
    exchange: ClassVar[Exchange] = "profiles"

    household_id: str
    name: str
    municipality_ids: tuple[str, ...]
    guardians: tuple[ProfiledGuardian, ...]
    children: tuple[ProfiledChild, ...]
    address: str = ""
    language: str = "fr"


class AgentRolesSet(Event):
    """An agent's roles in a town, whole. Subject: the account."""

    topic: ClassVar[str] = "identity.agent_roles_set.v1"

    account_id: str
    municipality_id: str
    roles: tuple[str, ...]

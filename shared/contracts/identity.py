"""What identity tells: towns, families, accounts, adhesions, agents."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

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
    primary_colour: str = ""
    """Behind white words, `#` and six hex digits; empty: nobody chose one yet."""
    accent_colour: str = ""
    """Of links on white."""
    logo_path: str | None = None
    """Where the gateway shows the logo."""
    reconfirmation_month: int | None = None
    """When families are asked to confirm their file each year, 1 to 12."""


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
    """`family`, `agent` or `guardian` (the other guardian of a household that is there)."""
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


class AccountClosed(Event):
    """Nobody can log in with this account any more; its household stays. Subject: the account."""

    topic: ClassVar[str] = "identity.account_closed.v1"

    account_id: str
    household_id: str | None = None


class LinkIssued(Event):
    """A letter with a link that serves once, for whoever reads mail at an address. Subject: the link.

    `kind`: `verify_account`, `account_exists` (no token), `reset_password`, `confirm_email`,
    `confirm_secondary_email`. `addressee` is empty when a stranger may have typed it.
    """

    topic: ClassVar[str] = "identity.link_issued.v1"
    exchange: ClassVar[Exchange] = "profiles"

    link_id: str
    kind: str
    email: str
    addressee: str
    token: str
    expires_at: AwareDatetime
    language: str = "fr"
    municipality_id: str | None = None


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


class AdhesionEnded(Event):
    """A household left a municipality; its family file there can be joined again. Subject: the household."""

    topic: ClassVar[str] = "identity.adhesion_ended.v1"

    household_id: str
    municipality_id: str
    family_file_id: str


class MergedChild(Part):
    kept: str
    merged: str


class HouseholdsMerged(Event):
    """Two households were one family: what the merged one has is the kept one's. Subject: the kept household.

    Both adhesions are told again, whole. `children`: those that were known under two ids; others keep theirs.
    """

    topic: ClassVar[str] = "identity.households_merged.v1"

    merge_id: str
    municipality_id: str
    kept_household_id: str
    merged_household_id: str
    children: tuple[MergedChild, ...] = ()


class HouseholdsUnmerged(Event):
    """A merge was undone: both households are as they were before it. Subject: the kept household."""

    topic: ClassVar[str] = "identity.households_unmerged.v1"

    merge_id: str
    municipality_id: str
    kept_household_id: str
    merged_household_id: str
    children: tuple[MergedChild, ...] = ()


class ProfiledGuardian(Part):
    guardian_id: str
    civility: str
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    secondary_email: str | None = None
    language: str | None = None
    """None: the household's."""
    channels: tuple[str, ...] | None = None
    """Of `email`, `sms`, `push`, `inbox`, those the guardian wants to be told by; None: they never said."""


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
    programme_roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Roles held in one programme only, by its id."""


class PartnerSet(Event):
    """What a partner's own system may do and where, whole; no longer anything once not active. Subject: the client."""

    topic: ClassVar[str] = "identity.partner_set.v1"

    client_id: str
    municipality_ids: tuple[str, ...]
    scopes: tuple[str, ...]
    active: bool


class SecurityNoticed(Event):
    """Something happened to an account that its owner must hear of. Subject: the account."""

    topic: ClassVar[str] = "identity.security_noticed.v1"
    exchange: ClassVar[Exchange] = "profiles"

    notice_id: str
    account_id: str
    emails: tuple[str, ...]
    """Every address known to be the owner's: whoever took one over cannot keep the others in the dark."""
    addressee: str
    kind: str
    """`password_changed`, `email_changed`, `second_factor_added`, `second_factor_removed`, `passkey_added`,
    `passkey_removed`, `recovery_code_used`, `new_device`, `sessions_ended`, `account_closed`, `franceconnect_linked`,
    `franceconnect_unlinked` or `token_reused`."""
    at: AwareDatetime
    device: str | None = None
    """Short words for the browser."""
    language: str = "fr"

"""The agents of a town: what each may do there, and who may change that."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.identity.domain.accounts import Account
from services.identity.domain.imports import AgentChange
from services.identity.domain.invitations import Issuance
from services.identity.domain.roles import MANAGER, TownRoles, roles_in, with_roles_in
from shared.contracts import Event
from shared.errors import N_, Refused


class AgentKnown(Refused):
    code = "agent-known"
    title = N_("Already an agent of this town")
    sentence = N_("Whoever has this e-mail address is an agent of this town already.")
    remedy = N_("Change the agent's roles, or send the invitation again.")


class AgentActive(Refused):
    code = "agent-active"
    title = N_("This agent has an account")
    sentence = N_("This agent chose a password already and needs no code.")
    remedy = N_("They sign in with their e-mail address; “forgotten password” helps when it is lost.")


class OwnManagerRole(Refused):
    code = "own-manager-role"
    title = N_("Your own manager role stays")
    sentence = N_("You cannot take the manager role of the town away from yourself.")
    remedy = N_("Have another manager do it.")


class LastManager(Refused):
    code = "last-manager"
    title = N_("The town's last manager")
    sentence = N_("Without this agent nobody could manage the town.")
    remedy = N_("Give the manager role to another agent first, who has signed in before.")


@dataclass(frozen=True)
class Staff:
    """A town's managers who can sign in, as of `version` of its staff."""

    municipality_id: str
    managers: tuple[Account, ...]
    version: int


def invited(account: Account, municipality_id: str, roles: TownRoles, issuance: Issuance) -> AgentChange:
    """Given roles; whoever has no password yet gets a code. Raises `AgentKnown`."""
    if roles_in(account, municipality_id):
        raise AgentKnown()
    changed = with_roles_in(account, municipality_id, roles)
    told: list[Event] = [changed.roles_told(municipality_id)]
    if not account.active:
        changed = changed.invited(municipality_id, issuance)
        told.append(changed.invitation_told(municipality_id, issuance))
    return AgentChange(changed, account if account.version else None, tuple(told), invited=not account.active)


def invited_again(account: Account, municipality_id: str, issuance: Issuance) -> AgentChange:
    """A fresh code in place of the former. Raises `AgentActive`."""
    if account.active:
        raise AgentActive()
    changed = account.invited(municipality_id, issuance)
    return AgentChange(changed, account, (changed.invitation_told(municipality_id, issuance),), invited=True)


def with_new_roles(
    account: Account, municipality_id: str, roles: TownRoles, *, sender_id: str, managers: Iterable[Account]
) -> AgentChange | None:
    """None when they are the same. `managers`: those of the town who can sign in.

    Raises `OwnManagerRole`, `LastManager`.
    """
    former = roles_in(account, municipality_id)
    if roles == former:
        return None
    if MANAGER in former.names - roles.names:
        if account.id == sender_id:
            raise OwnManagerRole()
        if not any(other.id != account.id for other in managers):
            raise LastManager()
    changed = with_roles_in(account, municipality_id, roles)
    if not roles:
        # A code that nobody used yet must not bring the account to life.
        kept = tuple(one for one in changed.activations if one.municipality_id != municipality_id)
        changed = replace(changed, activations=kept)
    return AgentChange(changed, account, (changed.roles_told(municipality_id),))


def state_of(account: Account, municipality_id: str, now: datetime) -> str:
    """`active` once they have a password, else `invited` or `expired`."""
    if account.active:
        return "active"
    invitation = account.invitation_of(municipality_id)
    return "invited" if invitation and invitation.is_live(now) else "expired"

"""A manager invites agents, changes what they may do, and takes it away."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.agents import Staff, invited, invited_again, with_new_roles
from services.identity.domain.imports import AgentChange
from services.identity.domain.roles import TownRoles, roles_in
from services.identity.domain.text import normal_email
from services.identity.usecases.codes import Codes
from shared.clock import Clock
from shared.errors import Conflict, Forbidden
from shared.ids import new_id

TRIES = 3


class Agents(Protocol):
    async def of_town(self, municipality_id: str) -> list[Account]: ...
    async def get(self, account_id: str, municipality_id: str) -> Account: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def staff(self, municipality_id: str) -> Staff: ...
    async def save(self, change: AgentChange, staff: Staff, at: datetime) -> None: ...


class Sessions(Protocol):
    async def end_all(self, account_id: str) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class Office:
    """The town whose agents are meant, and the manager who asks."""

    municipality_id: str
    sender_id: str
    agents: Agents
    sessions: Sessions
    codes: Codes
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    email: str
    first_name: str
    last_name: str
    roles: TownRoles


async def invite_agent(newcomer: Newcomer, office: Office) -> Account:
    """Give somebody roles in the town; without a password yet they get a code by mail. Raises `AgentKnown`."""
    email = normal_email(newcomer.email)

    async def decide(_: Staff) -> AgentChange:
        known = await office.agents.by_email(email)
        account = known or Account(id=new_id("acc"), email=email, first_name="", last_name="")
        if not account.active and not account.is_agent:
            account = replace(account, first_name=newcomer.first_name, last_name=newcomer.last_name)
        return invited(account, office.municipality_id, newcomer.roles, office.codes.issue())

    return await _changed(decide, office)


async def invite_agent_again(account_id: str, office: Office) -> Account:
    """A fresh code; the former one is worth nothing any more. Raises `NotFound`, `AgentActive`."""

    async def decide(_: Staff) -> AgentChange:
        account = await office.agents.get(account_id, office.municipality_id)
        return invited_again(account, office.municipality_id, office.codes.issue())

    return await _changed(decide, office)


async def set_agent_roles(account_id: str, roles: TownRoles, office: Office) -> Account:
    """All the roles of an agent in the town, replaced; without any the agent is one no longer.

    What was taken away ends the agent's sessions at once: the next one knows better.
    Raises `NotFound`, `OwnManagerRole`, `LastManager`.
    """
    lost = False

    async def decide(staff: Staff) -> AgentChange:
        nonlocal lost
        account = await office.agents.get(account_id, office.municipality_id)
        lost = roles.lacks(roles_in(account, office.municipality_id))
        change = with_new_roles(
            account, office.municipality_id, roles, sender_id=office.sender_id, managers=staff.managers
        )
        return change or AgentChange(account, account)

    account = await _changed(decide, office)
    if lost:
        await office.sessions.end_all(account_id)
    return account


async def _changed(decide: Callable[[Staff], Awaitable[AgentChange]], office: Office) -> Account:
    """Decide on what there is, save, and decide again when something changed meanwhile."""
    for _ in range(TRIES):
        staff = await office.agents.staff(office.municipality_id)
        if all(one.id != office.sender_id for one in staff.managers):
            # The token is older than the loss of the role.
            raise Forbidden()
        change = await decide(staff)
        if change.account == change.before:
            return change.account
        try:
            await office.agents.save(change, staff, office.clock())
        except Conflict:
            continue
        return change.account
    raise Conflict()

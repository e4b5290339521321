"""The agents of a town, for its managers."""

from datetime import datetime
from typing import Annotated, Literal

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.accounts import Account
from services.identity.domain.agents import state_of
from services.identity.domain.roles import TownRoles, roles_in, town_roles
from services.identity.http.fields import EmailAddress, Name
from services.identity.http.parts import PARTS
from services.identity.usecases.agents import Newcomer, Office, invite_agent, invite_agent_again, set_agent_roles
from shared import audit
from shared.auth import Caller, Role
from shared.web import Answer, Body, Route, agent

log = structlog.get_logger()
MANAGERS = agent(Role.MANAGER)
MOST_PROGRAMMES = 100
ProgrammeId = Annotated[str, StringConstraints(min_length=3, max_length=121)]
Roles = Annotated[tuple[Role, ...], Field(max_length=len(Role))]
InProgramme = Annotated[tuple[Literal["manager", "attendance"], ...], Field(min_length=1, max_length=2)]


class Town(Body):
    municipality_id: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class RolesBody(Town):
    """`roles` in the whole town; `programme_roles`: in one programme only, by its id. At least one of them."""

    roles: Roles = ()
    programme_roles: Annotated[dict[ProgrammeId, InProgramme], Field(max_length=MOST_PROGRAMMES)] = Field(
        default_factory=dict
    )

    def held(self) -> TownRoles:
        return town_roles(self.municipality_id, self.roles, self.programme_roles)


class AgentBody(RolesBody):
    email: EmailAddress
    first_name: Name
    last_name: Name


class AgentAnswer(Answer):
    """`state`: `active` once the agent chose a password, else `invited`, or `expired` with the code."""

    account_id: str
    email: str
    first_name: str
    last_name: str
    roles: list[str]
    programme_roles: dict[str, list[str]]
    state: Literal["active", "invited", "expired"]
    invited_at: datetime | None
    expires_at: datetime | None
    last_signed_in_at: datetime | None


class AgentsAnswer(Answer):
    items: list[AgentAnswer]
    next_cursor: str | None = None


async def list_agents(request: web.Request, caller: Caller, query: Town) -> AgentsAnswer:
    """The town's agents by name, with what each may do."""
    office = _office(request, caller, query.municipality_id)
    found = await office.agents.of_town(office.municipality_id)
    audit.about(request, office.municipality_id, others=[one.id for one in found])
    return AgentsAnswer(items=[_shown(one, office) for one in found])


async def add_agent(request: web.Request, caller: Caller, body: AgentBody) -> AgentAnswer:
    """Give somebody roles in the town; without an account yet they are sent a code."""
    office = _office(request, caller, body.municipality_id)
    newcomer = Newcomer(email=body.email, first_name=body.first_name, last_name=body.last_name, roles=body.held())
    return _noted(request, await invite_agent(newcomer, office), office, "agent_invited")


async def change_roles(request: web.Request, caller: Caller, body: RolesBody) -> AgentAnswer:
    """All the agent's roles in the town, replaced; what is taken away ends their sessions at once."""
    office = _office(request, caller, body.municipality_id)
    changed = await set_agent_roles(request.match_info["account_id"], body.held(), office)
    return _noted(request, changed, office, "agent_roles_changed")


async def remove_agent(request: web.Request, caller: Caller, query: Town) -> None:
    """Take all roles in the town away; the agent's sessions end at once, a code not used yet is void."""
    office = _office(request, caller, query.municipality_id)
    removed = await set_agent_roles(request.match_info["account_id"], TownRoles(), office)
    _noted(request, removed, office, "agent_removed")


async def invite_once_more(request: web.Request, caller: Caller, query: Town) -> AgentAnswer:
    """Send an agent who has no account yet a fresh code; the former one is void."""
    office = _office(request, caller, query.municipality_id)
    invited = await invite_agent_again(request.match_info["account_id"], office)
    return _noted(request, invited, office, "agent_invited_again")


def _office(request: web.Request, caller: Caller, municipality_id: str) -> Office:
    parts = request.app[PARTS]
    return Office(
        municipality_id=caller.agent_of(municipality_id, Role.MANAGER),
        sender_id=caller.account_id,
        agents=parts.agents,
        sessions=parts.sessions,
        codes=parts.codes,
        clock=parts.clock,
    )


def _noted(request: web.Request, account: Account, office: Office, event: str) -> AgentAnswer:
    audit.about(request, office.municipality_id, others=[account.id])
    log.info(event, account_id=account.id, municipality_id=office.municipality_id)
    return _shown(account, office)


def _shown(account: Account, office: Office) -> AgentAnswer:
    roles, invitation = roles_in(account, office.municipality_id), account.invitation_of(office.municipality_id)
    return AgentAnswer(
        account_id=account.id,
        email=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        roles=sorted(roles.names),
        programme_roles={one: sorted(names) for one, names in sorted(roles.programmes.items())},
        state=state_of(account, office.municipality_id, office.clock()),
        invited_at=invitation.issued_at if invitation else None,
        expires_at=invitation.expires_at if invitation else None,
        last_signed_in_at=account.last_signed_in_at,
    )


PATH = "/api/v1/agents"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_agents,
        who=MANAGERS,
        query=Town,
        answer=AgentsAnswer,
        audit="agents_listed",
    ),
    Route(
        method="POST",
        path=PATH,
        handler=add_agent,
        who=MANAGERS,
        body=AgentBody,
        answer=AgentAnswer,
        status=201,
        audit="agent_invited",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{account_id}}/roles",
        handler=change_roles,
        who=MANAGERS,
        body=RolesBody,
        answer=AgentAnswer,
        audit="agent_roles_set",
    ),
    Route(
        method="DELETE",
        path=f"{PATH}/{{account_id}}",
        handler=remove_agent,
        who=MANAGERS,
        query=Town,
        audit="agent_removed",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{account_id}}/invitation",
        handler=invite_once_more,
        who=MANAGERS,
        query=Town,
        answer=AgentAnswer,
        status=201,
        audit="agent_invited",
    ),
]

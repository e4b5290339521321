"""Making an account from a code, and adding a town to one."""

from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from services.identity.domain.households import MOST_GUARDIANS
from services.identity.domain.registrations import Registration, WrittenChild, WrittenGuardian
from services.identity.http.fields import Civility, Name, Phone, TypedCode, TypedEmail, TypedPassword
from services.identity.http.households import HouseholdAnswer, shown_household
from services.identity.http.parts import PARTS, client_address, device
from services.identity.http.sessions import SessionAnswer, shown_session
from services.identity.usecases.leave_town import leave_town
from services.identity.usecases.register import join_town, register_agent, register_family
from shared.auth import Caller
from shared.web import ANYONE, GUARDIAN, SIGNED_IN, Body, Route

log = structlog.get_logger()
MOST_CHILDREN = 30


class GuardianBody(Body):
    civility: Civility
    first_name: Name
    last_name: Name
    phone: Phone = ""


class ChildBody(Body):
    """`reference` as the lookup gave it."""

    reference: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    first_name: Name
    last_name: Name


class RegistrationBody(Body):
    """Guardians in the order of the lookup; the children of the lookup, all of them."""

    code: TypedCode
    email: TypedEmail
    password: TypedPassword
    family_name: Name
    guardians: Annotated[tuple[GuardianBody, ...], Field(min_length=1, max_length=MOST_GUARDIANS)]
    children: Annotated[tuple[ChildBody, ...], Field(max_length=MOST_CHILDREN)]

    def registration(self) -> Registration:
        return Registration(
            code=self.code,
            email=self.email,
            password=self.password,
            family_name=self.family_name,
            guardians=tuple(WrittenGuardian(**one.model_dump()) for one in self.guardians),
            children=tuple(WrittenChild(**one.model_dump()) for one in self.children),
        )


class AgentRegistrationBody(Body):
    code: TypedCode
    email: TypedEmail
    password: TypedPassword


class AdhesionBody(Body):
    """`email`: where the code was received; without it the code alone is looked up."""

    code: TypedCode
    email: TypedEmail | None = None


async def register_a_family(request: web.Request, body: RegistrationBody) -> SessionAnswer:
    """Create the family's account from its file and sign in."""
    parts = request.app[PARTS]
    opened = await register_family(
        body.registration(),
        address=client_address(request),
        invitations=parts.invitations,
        accounts=parts.accounts,
        admissions=parts.admissions,
        passwords=parts.passwords,
        desk=parts.desk,
        clock=parts.clock,
        device=device(request),
    )
    log.info("family_registered", session_id=opened.session_id)
    return shown_session(opened)


async def register_an_agent(request: web.Request, body: AgentRegistrationBody) -> SessionAnswer:
    """Give an agent's account its password and sign in."""
    parts = request.app[PARTS]
    opened = await register_agent(
        body.code,
        body.email,
        body.password,
        address=client_address(request),
        invitations=parts.invitations,
        accounts=parts.accounts,
        passwords=parts.passwords,
        desk=parts.desk,
        clock=parts.clock,
        device=device(request),
    )
    log.info("agent_registered", session_id=opened.session_id)
    return shown_session(opened)


async def join_a_town(request: web.Request, caller: Caller, body: AdhesionBody) -> HouseholdAnswer:
    """Join a further town with its code; refresh the session afterwards to have the town in the token."""
    parts = request.app[PARTS]
    household = await join_town(
        body.code,
        body.email or "",
        account_id=caller.account_id,
        address=client_address(request),
        invitations=parts.invitations,
        accounts=parts.accounts,
        households=parts.households,
        admissions=parts.admissions,
        clock=parts.clock,
    )
    log.info("town_joined", household_id=household.id)
    return await shown_household(household, parts.towns)


async def leave_a_town(request: web.Request, caller: Caller) -> HouseholdAnswer:
    """Leave a town; the others stay, and it can be joined again with a new code. Refresh the session afterwards."""
    parts = request.app[PARTS]
    household = await leave_town(
        caller.household(),
        request.match_info["municipality_id"],
        households=parts.households,
        files=parts.files,
        writes=parts.own.writes,
        clock=parts.clock,
    )
    log.info("town_left", household_id=household.id)
    return await shown_household(household, parts.towns)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/registrations",
        handler=register_a_family,
        who=ANYONE,
        body=RegistrationBody,
        answer=SessionAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/agent-registrations",
        handler=register_an_agent,
        who=ANYONE,
        body=AgentRegistrationBody,
        answer=SessionAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/adhesions",
        handler=join_a_town,
        who=SIGNED_IN,
        body=AdhesionBody,
        answer=HouseholdAnswer,
        status=201,
    ),
    Route(
        method="DELETE",
        path="/api/v1/adhesions/{municipality_id}",
        handler=leave_a_town,
        who=GUARDIAN,
        answer=HouseholdAnswer,
    ),
]

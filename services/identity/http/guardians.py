"""A log-in of their own for each guardian of a household."""

from datetime import datetime
from typing import Annotated

import structlog
from aiohttp import web
from pydantic import Field

from services.identity.domain.households import MOST_GUARDIANS, Guardian
from services.identity.http.fields import Civility, EmailAddress, Name, Phone, TypedCode, TypedEmail, TypedPassword
from services.identity.http.households import HouseholdAnswer, shown_household
from services.identity.http.parts import PARTS, client_address, device
from services.identity.http.sessions import SessionAnswer, shown_session
from shared import audit
from shared.auth import Caller, Role
from shared.ids import new_id
from shared.web import ANYONE, GUARDIAN, SIGNED_IN, Answer, Body, Int, Route, agent

log = structlog.get_logger()


class NewGuardian(Body):
    civility: Civility
    first_name: Name
    last_name: Name
    phone: Phone = ""


class InvitedAt(Body):
    email: EmailAddress


class InvitedByTown(Body):
    """`guardian`: the first (1) or the second (2) of the household."""

    guardian: Annotated[Int, Field(ge=1, le=MOST_GUARDIANS)]
    email: EmailAddress


class GuardianRegistration(Body):
    code: TypedCode
    email: TypedEmail
    password: TypedPassword


class GuardianAcceptance(Body):
    """`email`: where the code was received; without it the code alone is looked up."""

    code: TypedCode
    email: TypedEmail | None = None


class GuardianInvitationAnswer(Answer):
    invited_at: datetime
    expires_at: datetime


async def add_guardian(request: web.Request, caller: Caller, body: NewGuardian) -> HouseholdAnswer:
    """Name the second guardian of a household that has one only."""
    parts = request.app[PARTS]
    guardian = Guardian(id=new_id("grd"), **body.model_dump())
    household = await parts.own.guardians.add(caller.household(), guardian)
    return await shown_household(household, parts.towns)


async def invite_guardian(request: web.Request, caller: Caller, body: InvitedAt) -> GuardianInvitationAnswer:
    """Send the other guardian a code for a log-in of their own; it opens the household, so it needs a fresh sign-in."""
    parts = request.app[PARTS]
    await parts.fresh.check(caller)
    issuance = await parts.own.guardians.invite(caller.household(), request.match_info["guardian_id"], body.email)
    log.info("guardian_invited", household_id=caller.household_id)
    return GuardianInvitationAnswer(invited_at=issuance.at, expires_at=issuance.expires_at)


async def invite_guardian_of_file(
    request: web.Request, caller: Caller, body: InvitedByTown
) -> GuardianInvitationAnswer:
    """Send a guardian of a household that joined the town a code for a log-in of their own."""
    towns = frozenset(town for town, roles in caller.roles.items() if roles & {Role.MANAGER, Role.REGISTRAR})
    file, issuance = await request.app[PARTS].own.guardians.invite_for_town(
        request.match_info["family_file_id"], body.guardian, body.email, municipality_ids=towns
    )
    audit.about(request, file.municipality_id, files=[file.id], households=[file.household_id])
    return GuardianInvitationAnswer(invited_at=issuance.at, expires_at=issuance.expires_at)


async def register_a_guardian(request: web.Request, body: GuardianRegistration) -> SessionAnswer:
    """Create the account of a guardian who was invited, in the household that is there, and sign in."""
    opened = await request.app[PARTS].own.guardians.register(
        body.code, body.email, body.password, address=client_address(request), device=device(request)
    )
    log.info("guardian_registered", session_id=opened.session_id)
    return shown_session(opened)


async def accept_as_guardian(request: web.Request, caller: Caller, body: GuardianAcceptance) -> HouseholdAnswer:
    """Enter the household one is invited to with the account one has; refresh the session afterwards."""
    parts = request.app[PARTS]
    household = await parts.own.guardians.accept(
        body.code, body.email or "", account_id=caller.account_id, address=client_address(request)
    )
    log.info("guardian_accepted", household_id=household.id)
    return await shown_household(household, parts.towns)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/household/guardians",
        handler=add_guardian,
        who=GUARDIAN,
        body=NewGuardian,
        answer=HouseholdAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/household/guardians/{guardian_id}/invitation",
        handler=invite_guardian,
        who=GUARDIAN,
        body=InvitedAt,
        answer=GuardianInvitationAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/family-files/{family_file_id}/guardian-invitations",
        handler=invite_guardian_of_file,
        who=agent(Role.MANAGER, Role.REGISTRAR),
        body=InvitedByTown,
        answer=GuardianInvitationAnswer,
        status=201,
        audit="guardian_invited",
    ),
    Route(
        method="POST",
        path="/api/v1/guardian-registrations",
        handler=register_a_guardian,
        who=ANYONE,
        body=GuardianRegistration,
        answer=SessionAnswer,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/guardian-acceptances",
        handler=accept_as_guardian,
        who=SIGNED_IN,
        body=GuardianAcceptance,
        answer=HouseholdAnswer,
        status=201,
    ),
]

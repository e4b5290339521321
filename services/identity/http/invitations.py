"""What an activation code opens, and asking for another one."""

from datetime import date, datetime

import structlog
from aiohttp import web

from services.identity.domain.families import FamilyFile
from services.identity.domain.invitations import InvitationUnknown
from services.identity.http.fields import TypedCode, TypedEmail
from services.identity.http.municipalities import MunicipalityAnswer, shown_town
from services.identity.http.parts import PARTS, client_address
from services.identity.usecases.invitations import Found, renew_invitations
from shared.web import ANYONE, Answer, Body, Route

log = structlog.get_logger()


class CodeAndEmail(Body):
    code: TypedCode
    email: TypedEmail


class Email(Body):
    email: TypedEmail


class PrefilledGuardian(Answer):
    civility: str
    first_name: str
    last_name: str
    phone: str


class PrefilledChild(Answer):
    reference: str
    first_name: str
    last_name: str
    birth_date: date


class PrefilledHousehold(Answer):
    family_name: str
    address: str
    guardians: list[PrefilledGuardian]
    children: list[PrefilledChild]


class PrefilledAgent(Answer):
    first_name: str
    last_name: str


class InvitedGuardian(Answer):
    family_name: str
    civility: str
    first_name: str
    last_name: str


class InvitationAnswer(Answer):
    """`kind` is `family` (then `household` is there), `agent` or `guardian` (of a household that has its account).

    `account_exists`: sign in and join, or accept, instead. `municipality` is null for a guardian of no town yet.
    """

    kind: str
    email: str
    expires_at: datetime
    account_exists: bool
    municipality: MunicipalityAnswer | None
    household: PrefilledHousehold | None
    agent: PrefilledAgent | None
    guardian: InvitedGuardian | None


async def look_up_invitation(request: web.Request, body: CodeAndEmail) -> InvitationAnswer:
    """What the town's file holds, for the owner of the code to verify."""
    parts = request.app[PARTS]
    try:
        found = await parts.invitations.find(body.code, body.email, client_address(request))
    except InvitationUnknown:
        log.warning("invitation_not_found")
        raise
    account = await parts.accounts.by_email(found.email)
    agent = found.agent
    return InvitationAnswer(
        kind=found.kind,
        email=found.email,
        expires_at=found.invitation.expires_at,
        account_exists=account is not None and account.active,
        municipality=shown_town(found.town) if found.town else None,
        household=_prefilled(found.file) if found.file else None,
        agent=PrefilledAgent(first_name=agent.first_name, last_name=agent.last_name) if agent else None,
        guardian=_invited_guardian(found),
    )


async def ask_again(request: web.Request, body: Email) -> web.Response:
    """Have a fresh code sent; the answer never says whether the address is known."""
    parts = request.app[PARTS]
    await parts.attempts.count_renewal(client_address(request))
    renewal = renew_invitations(
        body.email,
        files=parts.files,
        accounts=parts.accounts,
        households=parts.households,
        attempts=parts.attempts,
        codes=parts.codes,
    )
    parts.errands.start("renew_invitations", renewal)
    return web.Response(status=202)


def _invited_guardian(found: Found) -> InvitedGuardian | None:
    guardian, household = found.guardian, found.household
    if guardian is None or household is None:
        return None
    return InvitedGuardian(
        family_name=household.name,
        civility=guardian.civility,
        first_name=guardian.first_name,
        last_name=guardian.last_name,
    )


def _prefilled(file: FamilyFile) -> PrefilledHousehold:
    family = file.family
    phones = (family.phone, "")
    guardians = [
        PrefilledGuardian(civility=one.civility, first_name=one.first_name, last_name=one.last_name, phone=phone)
        for one, phone in zip(family.guardians, phones, strict=False)
    ]
    children = [
        PrefilledChild(
            reference=one.reference, first_name=one.first_name, last_name=one.last_name, birth_date=one.birth_date
        )
        for one in family.children
    ]
    return PrefilledHousehold(family_name=family.name, address=family.address, guardians=guardians, children=children)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/invitations/lookup",
        handler=look_up_invitation,
        who=ANYONE,
        body=CodeAndEmail,
        answer=InvitationAnswer,
    ),
    Route(method="POST", path="/api/v1/invitations/renewal", handler=ask_again, who=ANYONE, body=Email, status=202),
]

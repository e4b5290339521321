"""Families' mandates as agents see and keep them: typed from paper, changed or ended on a family's word."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.debits.mandates import Mandate, MandateKind, MandateState
from services.billing.http.debits.mandates import AccountChanged, Holder, Iban, Id, MandateShown, shown_mandate
from services.billing.http.debits.parts import DESK, MANDATES
from services.billing.http.imports import Town
from services.billing.http.parts import FAMILIES
from services.billing.usecases.debits.sign import (
    Paper,
    Signing,
    change_account,
    end_after_next,
    enter_paper,
    revoke,
)
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.web import Answer, Body, Route, agent

WHO = agent(Role.MANAGER, Role.CASHIER)
ROLES = (Role.MANAGER, Role.CASHIER)
# What the rulebook lets a reference be made of (EPC016-06, AT-01), as banks exchange it.
Rum = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+?/:().,'-]{1,35}$")]


class MandateQuery(Body):
    """`after`: the last id of the page before."""

    municipality_id: str
    cash_office_id: Id
    state: MandateState | None = None
    after: Annotated[str, StringConstraints(max_length=80)] = ""
    limit: int = Field(100, ge=1, le=500)


class PaperMandate(Body):
    """`rum`: as on the paper, null to have one given. `last_collected_on`: by the software that collected before."""

    municipality_id: str
    household_id: Id
    cash_office_id: Id
    iban: Iban
    holder: Holder
    rum: Rum | None = None
    kind: MandateKind = "recurrent"
    signed_on: date
    last_collected_on: date | None = None


class LastDebit(Body):
    """`last`: the next debit is the last one; the mandate closes with it."""

    municipality_id: str
    last: bool


class FamilyMandate(MandateShown):
    household_id: str


class FamilyMandates(Answer):
    """`next_after`: to ask for the next page, null on the last."""

    items: list[FamilyMandate]
    next_after: str | None


async def list_family_mandates(request: web.Request, query: MandateQuery, caller: Caller) -> FamilyMandates:
    """The mandates of a cash office, oldest first"""
    town = caller.agent_of(query.municipality_id, *ROLES)
    found = await request.app[MANDATES].of_office(
        town, query.cash_office_id, state=query.state, after=query.after, limit=query.limit
    )
    audit.about(request, town, households=[mandate.household_id for mandate in found])
    items = [_shown(request, mandate) for mandate in found]
    return FamilyMandates(items=items, next_after=found[-1].id if len(found) == query.limit else None)


async def enter_family_mandate(request: web.Request, body: PaperMandate, caller: Caller) -> FamilyMandate:
    """Type a mandate that a family signed on paper"""
    town = caller.agent_of(body.municipality_id, *ROLES)
    if await request.app[FAMILIES].of_household(body.household_id, town) is None:
        raise NotFound()
    audit.about(request, town, households=[body.household_id])
    signing = Signing(
        household_id=body.household_id,
        municipality_id=town,
        cash_office_id=body.cash_office_id,
        iban=body.iban,
        holder=body.holder,
        kind=body.kind,
        by=caller.account_id,
    )
    paper = Paper(rum=body.rum or "", signed_on=body.signed_on, last_collected_on=body.last_collected_on)
    return _shown(request, await enter_paper(signing, paper, desk=request.app[DESK]))


async def change_family_account(
    request: web.Request, body: AccountChanged, query: Town, caller: Caller
) -> FamilyMandate:
    """Debit another account of the family from now on, as it asked in writing"""
    mandate = await _asked(request, caller, query.municipality_id)
    return _shown(request, await change_account(mandate, body.iban, body.holder, desk=request.app[DESK]))


async def set_last_debit(request: web.Request, body: LastDebit, caller: Caller) -> FamilyMandate:
    """Have a mandate end with its next debit, or go on after all"""
    mandate = await _asked(request, caller, body.municipality_id)
    return _shown(request, await end_after_next(mandate, body.last, desk=request.app[DESK]))


async def revoke_family_mandate(request: web.Request, body: Town, caller: Caller) -> FamilyMandate:
    """Revoke a mandate on the family's word"""
    mandate = await _asked(request, caller, body.municipality_id)
    return _shown(request, await revoke(mandate, caller.account_id, desk=request.app[DESK]))


async def _asked(request: web.Request, caller: Caller, municipality_id: str) -> Mandate:
    """Raises `Forbidden`, `NotFound`."""
    town = caller.agent_of(municipality_id, *ROLES)
    mandate = await request.app[MANDATES].in_town(town, request.match_info["mandate_id"])
    if mandate is None:
        raise NotFound()
    audit.about(request, town, households=[mandate.household_id], others=[mandate.id])
    return mandate


def _shown(request: web.Request, mandate: Mandate) -> FamilyMandate:
    return FamilyMandate(**shown_mandate(request, mandate).model_dump(), household_id=mandate.household_id)


PATH = "/api/v1/family-mandates"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_family_mandates,
        who=WHO,
        query=MandateQuery,
        answer=FamilyMandates,
        audit="mandates_listed",
    ),
    Route(
        method="POST",
        path=PATH,
        handler=enter_family_mandate,
        who=WHO,
        body=PaperMandate,
        answer=FamilyMandate,
        status=201,
        audit="mandate_entered",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{mandate_id}}/account",
        handler=change_family_account,
        who=WHO,
        body=AccountChanged,
        query=Town,
        answer=FamilyMandate,
        audit="mandate_account_changed",
    ),
    Route(
        method="PUT",
        path=f"{PATH}/{{mandate_id}}/last-debit",
        handler=set_last_debit,
        who=WHO,
        body=LastDebit,
        answer=FamilyMandate,
        audit="mandate_last_debit_set",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{mandate_id}}/revocation",
        handler=revoke_family_mandate,
        who=WHO,
        body=Town,
        answer=FamilyMandate,
        audit="mandate_revoked",
    ),
]

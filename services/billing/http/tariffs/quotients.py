"""A family's quotients: entered and read by agents."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from aiohttp import web
from pydantic import AfterValidator, StringConstraints
from stdnum.fr import siret

from services.billing.domain.families import Family, Outcome, Proof, Quotient, Source
from services.billing.domain.quotients.refusals import WhichFamily
from services.billing.domain.quotients.settings import Applies, QuotientSettings
from services.billing.http.parts import QUOTIENT_DESK, QUOTIENT_SETTINGS
from services.billing.usecases.quotients.enter import Given, Whose, enter_quotient, family_of
from services.billing.usecases.quotients.settings import set_quotient_settings
from shared import audit
from shared.auth import Caller, Role
from shared.errors import N_
from shared.versions import etag
from shared.web import Answer, Body, Route, agent

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^$\x00]*$")]
Value = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}([.][0-9]{1,2})?$")]
MONEY = (Role.MANAGER, Role.CASHIER)


def _siret(value: str) -> str:
    if not siret.is_valid(value):
        raise ValueError(N_("This is no SIRET."))
    return str(siret.compact(value))


class WhichFamilyAsked(Body):
    """By its reference in the town's file, or by its household."""

    municipality_id: Name
    reference: Name | None = None
    household_id: Name | None = None

    def whose(self) -> Whose:
        """Raises `WhichFamily`."""
        if bool(self.reference) == bool(self.household_id):
            raise WhichFamily()
        return Whose(
            municipality_id=self.municipality_id, reference=self.reference or "", household_id=self.household_id or ""
        )


class EnteredQuotient(WhichFamilyAsked):
    """`value` in euros, two decimals at most. `received_on`: when its proof reached the town, today if left out."""

    value: Value
    received_on: date | None = None
    proof: Literal["caf", "msa", "tax_notice", "other"]


class QuotientShown(Answer):
    """`effective_on`: the first day it counts. `source`: how it reached the town."""

    value: str
    effective_on: date
    received_on: date | None
    source: Source
    proof: Proof


class FamilyQuotients(Answer):
    """Oldest first. `current`: what counts today, null without."""

    municipality_id: str
    reference: str
    household_id: str | None
    current: str | None
    quotients: list[QuotientShown]


class QuotientEntered(FamilyQuotients):
    outcome: Outcome
    effective_on: date


class SettingsBody(Body):
    """`applies`: from when a quotient counts; `siret`: under which the town asks the national service, if it does."""

    applies: Applies
    siret: Annotated[str, StringConstraints(max_length=20), AfterValidator(_siret)] | None = None


class SettingsTown(Body):
    municipality_id: Name


class SettingsShown(Answer):
    """`version` is also the ETag."""

    municipality_id: str
    applies: Applies
    siret: str | None
    version: int


async def list_family_quotients(request: web.Request, query: WhichFamilyAsked, caller: Caller) -> FamilyQuotients:
    """What the town knows of a family's quotients, from when on each counts and what proves it"""
    caller.agent_of(query.municipality_id, *MONEY)
    desk = request.app[QUOTIENT_DESK]
    family = await family_of(query.whose(), desk)
    _say_whom(request, family)
    return FamilyQuotients.model_validate(shown_of(family, await desk.today(family.municipality_id)))


async def enter_family_quotient(request: web.Request, body: EnteredQuotient, caller: Caller) -> QuotientEntered:
    """Enter a quotient; it counts from the month after it was received, or as the town says, never for past days"""
    caller.agent_of(body.municipality_id, *MONEY)
    given = Given(
        value=Decimal(body.value),
        source="agent",
        received_on=body.received_on,
        proof=body.proof,
        given_by=caller.account_id,
    )
    desk = request.app[QUOTIENT_DESK]
    family, quotient, outcome = await enter_quotient(body.whose(), given, desk)
    _say_whom(request, family)
    shown = shown_of(family, await desk.today(family.municipality_id))
    return QuotientEntered.model_validate({**shown, "outcome": outcome, "effective_on": quotient.effective_on})


async def show_quotient_settings(request: web.Request, query: SettingsTown, caller: Caller) -> web.Response:
    """How the town takes quotients; the ETag is what a change needs"""
    town = caller.agent_of(query.municipality_id, *MONEY)
    return _settings(await request.app[QUOTIENT_SETTINGS].of(town))


async def change_quotient_settings(
    request: web.Request, query: SettingsTown, body: SettingsBody, caller: Caller
) -> web.Response:
    """Choose them, whole; If-Match says which version was read"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER)
    if_match = request.headers.get("If-Match", "")
    settings = request.app[QUOTIENT_SETTINGS]
    return _settings(await set_quotient_settings(town, if_match, body.applies, body.siret, settings=settings))


def _settings(found: QuotientSettings) -> web.Response:
    shown = SettingsShown(municipality_id=found.id, applies=found.applies, siret=found.siret, version=found.version)
    return web.json_response(text=shown.model_dump_json(), headers={"ETag": etag(found.version)})


def _say_whom(request: web.Request, family: Family) -> None:
    households = [family.household_id] if family.household_id else []
    audit.about(request, family.municipality_id, households=households, others=[] if households else [family.id])


def shown_of(family: Family, today: date) -> dict[str, object]:
    current = [one.value for one in family.quotients if one.effective_on <= today]
    return {
        "municipality_id": family.municipality_id,
        "reference": family.reference,
        "household_id": family.household_id,
        "current": str(current[-1]) if current else None,
        "quotients": [_quotient(one) for one in family.quotients],
    }


def _quotient(one: Quotient) -> QuotientShown:
    return QuotientShown(
        value=str(one.value),
        effective_on=one.effective_on,
        received_on=one.received_on,
        source=one.source,
        proof=one.proof,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/family-quotients",
        handler=list_family_quotients,
        who=agent(*MONEY),
        query=WhichFamilyAsked,
        answer=FamilyQuotients,
        audit="quotients_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/family-quotients",
        handler=enter_family_quotient,
        who=agent(*MONEY),
        body=EnteredQuotient,
        answer=QuotientEntered,
        audit="quotient_entered",
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/quotient-settings",
        handler=show_quotient_settings,
        who=agent(*MONEY),
        query=SettingsTown,
        answer=SettingsShown,
    ),
    Route(
        method="PUT",
        path="/api/v1/quotient-settings",
        handler=change_quotient_settings,
        who=agent(Role.MANAGER),
        query=SettingsTown,
        body=SettingsBody,
        answer=SettingsShown,
    ),
]

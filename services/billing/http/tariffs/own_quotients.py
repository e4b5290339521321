"""A household's own quotients, and its consent to have the national service asked for them."""

from datetime import date
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.families import Family
from services.billing.domain.quotients.consents import FRANCE, Asked, Consent, Identity
from services.billing.http.parts import CONSENTS, FAMILIES, NATIONAL, QUOTIENT_DESK
from services.billing.http.tariffs.quotients import QuotientShown, shown_of
from services.billing.usecases.quotients.national import give_consent, withdraw_consent
from shared.auth import Caller
from shared.web import GUARDIAN, Answer, Body, Route

BirthName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Birth = Annotated[date, Field(ge=date(1900, 1, 1))]


class IdentityBody(Body):
    """A guardian as on their birth certificate. `birth_country` and `birth_town`: INSEE codes (COG); 99100: France."""

    birth_name: BirthName
    first_names: Annotated[list[BirthName], Field(min_length=1, max_length=6)]
    sex: Literal["M", "F"]
    birth_date: Birth
    birth_country: Annotated[str, StringConstraints(pattern=r"^99[0-9]{3}$")] = FRANCE
    birth_town: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9AB][0-9]{3}$")] | None = None

    def identity(self) -> Identity:
        return Identity(
            birth_name=self.birth_name,
            first_names=tuple(self.first_names),
            sex=self.sex,
            birth_date=self.birth_date,
            birth_country=self.birth_country,
            birth_town=self.birth_town or "",
        )


class ConsentShown(Answer):
    """`asked`: what the national service last answered; `not_found` and `refused`: send the proof by hand."""

    given: bool
    asked: Asked
    asked_on: date | None
    next_on: date | None


class OwnQuotients(Answer):
    """Of the household in one town, oldest first. `current` is null while the highest prices apply for want of one."""

    municipality_id: str
    current: str | None
    quotients: list[QuotientShown]
    consent: ConsentShown


async def list_own_quotients(request: web.Request, caller: Caller) -> list[OwnQuotients]:
    """What each town knows of the household's quotient, and whether it may ask the national service"""
    families = await request.app[FAMILIES].all_of(caller.household())
    return [await _own(request, family) for family in families]


async def consent_to_asking(request: web.Request, body: IdentityBody, caller: Caller) -> OwnQuotients:
    """Let the town ask the national service now and every month; what it answers is entered as a quotient"""
    town, household = request.match_info["municipality_id"], caller.household()
    national = request.app[NATIONAL]
    await give_consent(household, town, caller.account_id, body.identity(), national)
    families = await request.app[FAMILIES].all_of(household)
    return await _own(request, next(family for family in families if family.municipality_id == town))


async def withdraw_from_asking(request: web.Request, caller: Caller) -> None:
    """Nothing is asked any more, and the identity given is deleted; quotients already known stay"""
    await withdraw_consent(caller.household(), request.match_info["municipality_id"], request.app[NATIONAL])


async def _own(request: web.Request, family: Family) -> OwnQuotients:
    today = await request.app[QUOTIENT_DESK].today(family.municipality_id)
    consent = await request.app[CONSENTS].get(family.household_id or "", family.municipality_id)
    return OwnQuotients.model_validate({**shown_of(family, today), "consent": _consent(consent)})


def _consent(consent: Consent | None) -> ConsentShown:
    if consent is None:
        return ConsentShown(given=False, asked="", asked_on=None, next_on=None)
    return ConsentShown(
        given=consent.withdrawn_at is None,
        asked=consent.asked,
        asked_on=consent.asked_on,
        next_on=consent.next_on,
    )


PATH = "/api/v1/quotient-consents/{municipality_id}"
ROUTES = [
    Route(method="GET", path="/api/v1/quotients", handler=list_own_quotients, who=GUARDIAN, answer=list[OwnQuotients]),
    Route(method="PUT", path=PATH, handler=consent_to_asking, who=GUARDIAN, body=IdentityBody, answer=OwnQuotients),
    Route(method="DELETE", path=PATH, handler=withdraw_from_asking, who=GUARDIAN),
]

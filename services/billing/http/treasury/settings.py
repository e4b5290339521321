"""The codes the public accountant gave a cash office."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.treasury.collection import TreasurySettings
from services.billing.domain.treasury.grouping import LEGAL_THRESHOLD_CENTS
from services.billing.http.offices import office_asked
from services.billing.http.treasury.parts import SETTINGS
from services.billing.http.unpaid.amounts import READERS
from services.billing.usecases.treasury.set_settings import set_settings
from shared.auth import Caller, Role
from shared.versions import etag
from shared.web import Answer, Body, Int, Route, agent


def _digits(least: int, most: int) -> StringConstraints:
    return StringConstraints(pattern=rf"^[0-9]{{{least},{most}}}$")


class TreasuryCodes(Body):
    """As the accountant wrote them: `post` IdPost, `siret` IdColl, `collectivity` CodCol, `budget` CodBud, `product`
    CodProdLoc, `nature` the account. `after_days`: since the last reminder. `threshold_cents`: 15 EUR or more.
    """

    post: Annotated[str, _digits(6, 7)]
    siret: Annotated[str, _digits(14, 14)]
    collectivity: Annotated[str, _digits(2, 3)]
    budget: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,10}$")]
    product: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,4}$")]
    nature: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,10}$")] = "588"
    after_days: Annotated[Int, Field(ge=0, le=365)] = 30
    threshold_cents: Annotated[Int, Field(ge=LEGAL_THRESHOLD_CENTS, le=100_000)] = LEGAL_THRESHOLD_CENTS


class ShownTreasuryCodes(Answer):
    """`post` is empty until the codes were filled in. `version` is also the ETag."""

    cash_office_id: str
    post: str
    siret: str
    collectivity: str
    budget: str
    product: str
    nature: str
    after_days: int
    threshold_cents: int
    version: int


async def show_treasury_settings(request: web.Request, caller: Caller) -> web.Response:
    """What the cash office's files for the Treasury say; the ETag is what a change needs"""
    office, tariff = await office_asked(request, caller, *READERS)
    known = await request.app[SETTINGS].of(office.id, tariff.id)
    return _shown(known or _empty(office.id, tariff.id))


def _empty(cash_office_id: str, municipality_id: str) -> TreasurySettings:
    return TreasurySettings(
        id=cash_office_id,
        municipality_id=municipality_id,
        post="",
        siret="",
        collectivity="",
        budget="",
        product="",
    )


async def set_treasury_settings(request: web.Request, body: TreasuryCodes, caller: Caller) -> web.Response:
    """All of it, replaced; If-Match says which version was read"""
    office, tariff = await office_asked(request, caller, *READERS)
    wanted = TreasurySettings(id=office.id, municipality_id=tariff.id, **body.model_dump())
    saved = await set_settings(wanted, request.headers.get("If-Match", ""), settings=request.app[SETTINGS])
    return _shown(saved)


def _shown(codes: TreasurySettings) -> web.Response:
    told = {name: getattr(codes, name) for name in ShownTreasuryCodes.model_fields if name != "cash_office_id"}
    shown = ShownTreasuryCodes(cash_office_id=codes.id, **told)
    return web.json_response(text=shown.model_dump_json(), headers={"ETag": etag(codes.version)})


PATH = "/api/v1/cash-offices/{cash_office_id}/treasury-settings"
ROUTES = [
    Route(method="GET", path=PATH, handler=show_treasury_settings, who=agent(*READERS), answer=ShownTreasuryCodes),
    Route(
        method="PUT",
        path=PATH,
        handler=set_treasury_settings,
        who=agent(Role.MANAGER, Role.CASHIER),
        body=TreasuryCodes,
        answer=ShownTreasuryCodes,
    ),
]

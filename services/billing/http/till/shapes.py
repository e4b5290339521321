"""Shapes the routes of the till share, and the cash office a request is about."""

from collections.abc import Mapping
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from services.billing.domain.tariffs import CashOffice
from services.billing.domain.till.accounts import Codes
from services.billing.http.offices import office_named
from services.billing.http.parts import COPIES
from services.billing.http.till.parts import MONEY
from shared.auth import Caller, Role
from shared.local_dates import LocalDate
from shared.web import Body, Int

DESK = (Role.MANAGER, Role.CASHIER)


Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Office = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{3,200}$")]
Amount = Annotated[Int, Field(ge=1, le=100_000_000)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Limit = Annotated[int, Field(ge=1, le=500)]
Cursor = Annotated[str, StringConstraints(max_length=120)]


class OfficePeriod(Body):
    """Days of the books of a cash office, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    cash_office_id: Office
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate


class OfficeAsked(Body):
    cash_office_id: Office


async def office_of(request: web.Request, caller: Caller, cash_office_id: str) -> CashOffice:
    """Raises `Forbidden` for agents of other towns, `NotFound`."""
    office, _ = await office_named(request, cash_office_id, caller, *DESK)
    return office


def town_of(office: CashOffice) -> str:
    return office.id.partition(".")[0]


async def programmes_by_activity(request: web.Request, town: str) -> Mapping[str, str]:
    found = await request.app[COPIES].programmes(town)
    return {activity.id: programme.id for programme in found for activity in programme.activities}


async def codes_of(request: web.Request, office: CashOffice) -> Codes:
    town = town_of(office)
    settings = await request.app[MONEY].settings.of(office.id, town)
    return Codes(settings=settings, programmes=await programmes_by_activity(request, town))

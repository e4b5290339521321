"""Which cash office an agent's route is about: its address names it, its id begins with its town's."""

from aiohttp import web

from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.http.parts import TARIFFS
from shared.auth import Caller, Role
from shared.errors import NotFound


async def office_asked(request: web.Request, caller: Caller, *roles: Role) -> tuple[CashOffice, Tariff]:
    """The office and its town's tariff. Raises `Forbidden` for agents of other towns, `NotFound`."""
    return await office_named(request, request.match_info["cash_office_id"], caller, *roles)


async def office_named(
    request: web.Request, cash_office_id: str, caller: Caller, *roles: Role
) -> tuple[CashOffice, Tariff]:
    """As `office_asked`, of an id that came otherwise."""
    town = caller.agent_of(cash_office_id.partition(".")[0], *roles)
    tariff: Tariff = await request.app[TARIFFS].of(town)
    office = tariff.office(cash_office_id)
    if office is None:
        raise NotFound()
    return office, tariff

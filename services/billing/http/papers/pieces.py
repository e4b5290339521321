"""Which piece is asked for: a family its own, an agent one of their town."""

from aiohttp import web

from services.billing.domain.invoices import Invoice
from services.billing.http.owners import first_of, owners
from services.billing.http.parts import INVOICES, PIECES
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound

READERS = (Role.MANAGER, Role.CASHIER)


async def piece_asked(request: web.Request, caller: Caller) -> Invoice:
    """Raises `NotFound`, also for agents without a role in its town. Says whom an agent reads about."""
    invoices, invoice_id = request.app[INVOICES], request.match_info["invoice_id"]
    if caller.is_guardian:
        found = await first_of(await owners(request, caller), lambda one: invoices.get(one, invoice_id))
        if found:
            return found
    towns = [town for town in caller.agent_towns if caller.roles.get(town, frozenset()) & set(READERS)]
    found = await request.app[PIECES].of_towns(invoice_id, towns)
    if found is None:
        raise NotFound()
    audit.about(request, found.municipality_id, households=[found.household_id], others=[found.id])
    return found

"""Which other providers an account can be signed in with."""

from datetime import datetime

import structlog
from aiohttp import web

from services.identity.domain.federations import FRANCECONNECT
from services.identity.http.parts import PARTS
from shared.auth import Caller
from shared.web import SIGNED_IN, Answer, Route

log = structlog.get_logger()


class FederationAnswer(Answer):
    """`provider` is `franceconnect`; what that provider calls the person is kept from everybody."""

    federation_id: str
    provider: str
    linked_at: datetime
    last_used_at: datetime | None


class FederationsAnswer(Answer):
    """`link_href`: the page on which a browser links and unlinks FranceConnect, null where there is none."""

    items: list[FederationAnswer]
    next_cursor: str | None = None
    link_href: str | None


async def list_federations(request: web.Request, caller: Caller) -> FederationsAnswer:
    """The FranceConnect identity the account is linked to, if any."""
    parts = request.app[PARTS]
    found = await parts.franceconnect.federations.of_account(caller.account_id)
    items = [
        FederationAnswer(
            federation_id=one.id, provider=FRANCECONNECT, linked_at=one.linked_at, last_used_at=one.last_used_at
        )
        for one in found
    ]
    page = f"{parts.sites.public_url}{LINK_PAGE}" if parts.franceconnect.provider.configured else None
    return FederationsAnswer(items=items, link_href=page)


async def unlink_federation(request: web.Request, caller: Caller) -> None:
    """Sign in without it from now on; the account keeps its password, and its owner is told by mail."""
    parts, federation_id = request.app[PARTS], request.match_info["federation_id"]
    await parts.fresh.check(caller)
    await parts.franceconnect.unlink(federation_id, caller.account_id)
    log.info("franceconnect_unlinked", federation_id=federation_id)


LINK_PAGE = "/oauth/franceconnect/link"
PATH = "/api/v1/me/federations"
ROUTES = [
    Route(method="GET", path=PATH, handler=list_federations, who=SIGNED_IN, answer=FederationsAnswer),
    Route(
        method="DELETE",
        path=f"{PATH}/{{federation_id}}",
        handler=unlink_federation,
        who=SIGNED_IN,
    ),
]

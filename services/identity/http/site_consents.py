"""The sites a person signs in to with this account, and what they let them know."""

from datetime import datetime

import structlog
from aiohttp import web

from services.identity.http.parts import PARTS
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import SIGNED_IN, Answer, Route

log = structlog.get_logger()


class SiteConsentAnswer(Answer):
    """`scopes`: what the site may know or do, in the words of OpenID Connect."""

    client_id: str
    name: str
    scopes: list[str]
    given_at: datetime


async def list_site_consents(request: web.Request, caller: Caller) -> list[SiteConsentAnswer]:
    """What was agreed to and not taken back, newest first."""
    parts = request.app[PARTS]
    found = []
    for one in await parts.sites.consents.of_account(caller.account_id):
        client = await parts.clients.find(one.client_id)
        name = client.name if client else one.client_id
        found.append(
            SiteConsentAnswer(client_id=one.client_id, name=name, scopes=sorted(one.scopes), given_at=one.given_at)
        )
    return found


async def take_back_site_consent(request: web.Request, caller: Caller) -> None:
    """The site is told nothing any more, its tokens serve no more, and it has to ask again."""
    client_id = request.match_info["client_id"]
    if not await request.app[PARTS].sites.authorizing.take_back(caller.account_id, client_id):
        raise NotFound()
    log.info("site_consent_taken_back", account_id=caller.account_id, client_id=client_id)


PATH = "/api/v1/me/consents"
ROUTES = [
    Route(method="GET", path=PATH, handler=list_site_consents, who=SIGNED_IN, answer=list[SiteConsentAnswer]),
    Route(method="DELETE", path=f"{PATH}/{{client_id}}", handler=take_back_site_consent, who=SIGNED_IN),
]

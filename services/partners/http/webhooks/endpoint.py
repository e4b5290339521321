"""How a webhook does: its secrets, whether it takes, a test event."""

from datetime import datetime

import structlog
from aiohttp import web

from services.partners.http.webhooks.parts import (
    MANAGERS,
    PATH,
    WEBHOOKS,
    AttemptAnswer,
    asked_for,
    shown_attempt,
)
from services.partners.usecases.webhooks import history
from services.partners.usecases.webhooks.secrets import end_secret
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.web import CLOCK, Answer, Route

log = structlog.get_logger()


class WebhookSecretAnswer(Answer):
    """`ends_at`: until when messages are signed with a former secret too; null for the present one."""

    secret_id: str
    created_at: datetime
    ends_at: datetime | None


class WebhookAnswer(Answer):
    """`failures`: tries in a row that were not taken. Counts are of the log; `given_up` can be sent again."""

    subscription_id: str
    secrets: list[WebhookSecretAnswer]
    failures: int
    last_taken_at: datetime | None
    waiting: int
    delivered: int
    given_up: int


async def show_webhook(request: web.Request, caller: Caller) -> WebhookAnswer:
    """How a webhook does: whether it takes, how much waits, the ids of its secrets."""
    parts = request.app[WEBHOOKS]
    found = await asked_for(request, caller)
    endpoint = await parts.endpoints.find(found.id, found.municipality_id)
    if endpoint is None:
        raise NotFound()
    counts = await parts.log.counts(found.id, found.municipality_id)
    live = endpoint.signing(request.app[CLOCK]())
    secrets = [WebhookSecretAnswer(secret_id=one.id, created_at=one.created_at, ends_at=one.ends_at) for one in live]
    return WebhookAnswer(
        subscription_id=found.id,
        secrets=secrets,
        failures=endpoint.pulse.failures,
        last_taken_at=endpoint.pulse.last_taken_at,
        **counts,
    )


async def remove_webhook_secret(request: web.Request, caller: Caller) -> None:
    """Stop signing with that secret now; the last one stays."""
    found, secret_id = await asked_for(request, caller), request.match_info["secret_id"]
    endpoints, clock = request.app[WEBHOOKS].endpoints, request.app[CLOCK]
    await end_secret(found.id, found.municipality_id, secret_id, endpoints=endpoints, clock=clock)
    log.info("webhook_secret_removed", subscription_id=found.id, secret_id=secret_id)


async def ping_webhook(request: web.Request, caller: Caller) -> AttemptAnswer:
    """Send a test event (`partners.pinged.v1`) now, and show what came back; also while it is paused."""
    parts = request.app[WEBHOOKS]
    found = await asked_for(request, caller)
    tried = await history.ping(
        found,
        new_id("png"),
        endpoints=parts.endpoints,
        queue=parts.queue,
        counter=parts.counter,
        rouse=parts.rouse,
    )
    log.info("webhook_pinged", subscription_id=found.id, taken=tried.taken)
    return shown_attempt(tried)


ROUTES = [
    Route(method="GET", path=f"{PATH}/webhook", handler=show_webhook, who=MANAGERS, answer=WebhookAnswer),
    Route(method="POST", path=f"{PATH}/pings", handler=ping_webhook, who=MANAGERS, answer=AttemptAnswer),
    Route(method="DELETE", path=f"{PATH}/secrets/{{secret_id}}", handler=remove_webhook_secret, who=MANAGERS),
]

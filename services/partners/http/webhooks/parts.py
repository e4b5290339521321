"""What the routes of webhooks need, and what they share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from services.partners.domain.subscriptions import Subscription
from services.partners.domain.webhooks.deliveries import Attempt
from services.partners.store import SubscriptionStore
from services.partners.store.deliveries.endpoints import EndpointStore
from services.partners.store.deliveries.log import DeliveryLog
from services.partners.store.deliveries.queue import DeliveryQueue
from services.partners.usecases.webhooks.history import webhook_of
from services.partners.usecases.webhooks.send import Counter
from shared.auth import Caller, Role
from shared.web import Answer, agent

MANAGERS = agent(Role.MANAGER)
PATH = "/api/v1/partner-subscriptions/{subscription_id}"


@dataclass(frozen=True, kw_only=True)
class WebhookParts:
    """`wake`: something of that subscription is due; `rouse`: and it takes again."""

    subscriptions: SubscriptionStore
    endpoints: EndpointStore
    log: DeliveryLog
    queue: DeliveryQueue
    counter: Counter
    wake: Callable[[str], None]
    rouse: Callable[[str], None]


WEBHOOKS = web.AppKey("webhooks", WebhookParts)


class AttemptAnswer(Answer):
    """`status`: of the answer, null without one; `failure` says why there was none: `address_refused`,
    `unknown_host`, `unreachable`, `tls`, `timeout`, `broken_answer` or `no_secret`. `excerpt`: the first 500 bytes.
    """

    at: datetime
    taken: bool
    status: int | None
    failure: str | None
    milliseconds: int
    excerpt: str


def shown_attempt(attempt: Attempt) -> AttemptAnswer:
    return AttemptAnswer(
        at=attempt.at,
        taken=attempt.taken,
        status=attempt.status or None,
        failure=attempt.failure,
        milliseconds=attempt.ms,
        excerpt=attempt.excerpt,
    )


async def asked_for(request: web.Request, caller: Caller) -> Subscription:
    """The webhook of the path, of a town the caller manages. Raises `NotFound`, `NoWebhook`."""
    towns = {town for town, names in caller.roles.items() if Role.MANAGER in names}
    parts = request.app[WEBHOOKS]
    return await webhook_of(request.match_info["subscription_id"], towns, subscriptions=parts.subscriptions)

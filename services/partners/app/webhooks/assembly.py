"""Where the parts of webhooks meet."""

import random
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from services.partners.app.webhooks.lane import Desk
from services.partners.app.webhooks.sending import Sender
from services.partners.app.webhooks.target import WebhookTarget
from services.partners.app.webhooks.wire import Wire
from services.partners.domain.webhooks.addresses import Reach, networks
from services.partners.http.webhooks.parts import WEBHOOKS, WebhookParts
from services.partners.settings import Settings
from services.partners.store import SubscriptionStore
from services.partners.store.deliveries.endpoints import EndpointStore
from services.partners.store.deliveries.leases import SenderLeases
from services.partners.store.deliveries.log import DeliveryLog
from services.partners.store.deliveries.queue import DeliveryQueue
from services.partners.store.deliveries.sendable import SendableStore
from services.partners.usecases.webhooks.leave import leave_alone
from services.partners.usecases.webhooks.secrets import NoSecretsKey, Unsealable
from services.partners.usecases.webhooks.send import Counter
from shared.clock import Clock
from shared.mongo import Database
from shared.sealed import SealedSecrets


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """`target`: what subscriptions are opened and fed with; `log`: for the janitor."""

    target: WebhookTarget
    log: DeliveryLog


def reach_of(settings: Settings) -> Reach:
    return Reach(
        ports=frozenset(int(port) for port in settings.webhook_ports.split(",")),
        inside=settings.webhook_anywhere,
        refused=networks(settings.webhook_refused_networks),
    )


def install(
    app: web.Application, settings: Settings, db: Database, subscriptions: SubscriptionStore, clock: Clock
) -> Webhooks:
    """Share what the routes need, and have the sender run for as long as the application does."""
    sender = Sender()
    queue, endpoints, log = DeliveryQueue(db, sender.wake), EndpointStore(db), DeliveryLog(db)
    sealing = SealedSecrets(settings.secrets_key, no_key=NoSecretsKey, unsealable=Unsealable)
    reach = reach_of(settings)
    wire, leases = Wire(reach), SenderLeases(db)
    # Only spreads tries over time.
    counter = Counter(wire=wire, sealing=sealing, reach=reach, clock=clock, draw=random.random)
    sender.equip(
        Desk(
            queue=queue,
            endpoints=endpoints,
            counter=counter,
            find=SendableStore(db).find,
            pause=partial(leave_alone, subscriptions=subscriptions, clock=clock),
            hold=leases.hold,
            release=leases.release,
        )
    )
    app[WEBHOOKS] = WebhookParts(
        subscriptions=subscriptions,
        endpoints=endpoints,
        log=log,
        queue=queue,
        counter=counter,
        wake=sender.wake,
        rouse=sender.rouse,
    )
    app.cleanup_ctx.extend([wire.running, sender.running])
    target = WebhookTarget(queue=queue, endpoints=endpoints, sealing=sealing, reach=reach, clock=clock)
    return Webhooks(target=target, log=log)

"""Where the partners service is put together; nothing else here."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from services.partners.app.amqp import AmqpTarget
from services.partners.app.arrivals import Arrivals
from services.partners.app.door import Door
from services.partners.app.feeding import Feeder
from services.partners.app.reading import LogReader
from services.partners.app.sandbox import Sandbox
from services.partners.app.webhooks.assembly import install
from services.partners.http import ROUTES
from services.partners.http.parts import (
    ARRIVALS,
    BASE,
    EVENTS,
    FEEDS,
    PARTNERS,
    SUBSCRIPTIONS,
    TARGETS,
    WAITING,
    WAKE,
)
from services.partners.messages import HANDLERS
from services.partners.settings import Settings
from services.partners.store import SCHEMA, FeedStore, LogStore, PartnerStore, ReadingStore, SubscriptionStore
from services.partners.store.deliveries.log import DeliveryLog
from services.partners.store.recent import RecentLog
from services.partners.store.retention import PartnerRetention
from services.partners.usecases.keep_partners import keep_partner
from services.partners.usecases.targets import Target
from shared import mongo, service
from shared.auth import Tokens
from shared.clock import Clock, system_clock
from shared.contracts.identity import PartnerSet
from shared.ids import uuid7
from shared.messaging.broker import Broker
from shared.messaging.envelope import unpack
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.retention import JANITOR, Janitor
from shared.service import bind, messaging, new_app

FOLDER = Path(__file__).parent.parent


class NoSandbox(Exception):
    """This installation has no town whose events are invented."""


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("partners", FOLDER, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    targets: dict[str, Target] = {}
    parts = add_parts(app, settings, db, targets, relay.wake)
    if settings.door_amqp_url and settings.door_api_url:
        app.cleanup_ctx.append(partial(_amqp, settings=settings, targets=targets))
    webhooks = install(app, settings, db, parts["subscriptions"], clock)
    if settings.secrets_key:
        targets["webhook"] = webhooks.target
    reader = log_reader(settings, db, parts, clock)
    feeder = Feeder(
        subscriptions=parts["subscriptions"],
        feeds=parts["feeds"],
        recent=RecentLog(parts["events"], settings.public_url),
        targets=targets,
        arrivals=parts["arrivals"],
        clock=clock,
    )
    app[WAKE] = feeder.wake
    janitor = app[JANITOR] = janitor_of(settings, db, {}, clock)
    subscribed = bind(HANDLERS, **parts)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="partners", broker=broker, relay=relay, subscriptions=subscribed)
    )
    for part in (reader.running, feeder.running, janitor.running):
        app.cleanup_ctx.append(part)
    if settings.sandbox_town and settings.sandbox_events_per_minute:
        sandbox = Sandbox(db, settings.sandbox_town, parts["arrivals"], clock)
        app.cleanup_ctx.append(partial(sandbox.living, every=60 / settings.sandbox_events_per_minute))
    return app


def add_parts(
    app: web.Application,
    settings: Settings,
    db: Database,
    targets: Mapping[str, Target],
    wake: Callable[[str], None],
) -> dict[str, Any]:
    """What handlers of both doors need; by name."""
    holder = uuid7()
    app[SUBSCRIPTIONS] = SubscriptionStore(db, wake)
    app[FEEDS] = FeedStore(db, holder)
    app[EVENTS] = LogStore(db)
    app[PARTNERS] = PartnerStore(db)
    app[ARRIVALS] = arrivals = Arrivals()
    app[BASE] = settings.public_url
    app[TARGETS] = targets
    app[WAITING] = Counter()
    app[WAKE] = lambda: None
    return {
        "subscriptions": app[SUBSCRIPTIONS],
        "feeds": app[FEEDS],
        "events": app[EVENTS],
        "partners": app[PARTNERS],
        "arrivals": arrivals,
        "targets": targets,
        "reading": ReadingStore(db, holder),
    }


def log_reader(settings: Settings, db: Database, parts: Mapping[str, Any], clock: Clock) -> LogReader:
    handler = bind({PartnerSet: keep_partner}, **parts)[PartnerSet]

    async def partner_told(envelope: Any) -> None:
        told, _ = unpack(envelope, PartnerSet)
        await handler(told)

    return LogReader(
        settings.amqp_url,
        reading=parts["reading"],
        # One of its own: it remembers where each town's log ends, as the only writer.
        events=LogStore(db),
        arrivals=parts["arrivals"],
        partner_told=partner_told,
        keep_for=timedelta(days=settings.keep_log_days),
        clock=clock,
    )


@asynccontextmanager
async def _amqp(app: web.Application, *, settings: Settings, targets: dict[str, Target]) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:
        target = AmqpTarget(
            Door(session, amqp_url=settings.door_amqp_url, api_url=settings.door_api_url),
            url=settings.door_amqp_url,
            address=settings.door_address,
            queue_length=settings.queue_length,
        )
        targets["amqp"] = target
        running: AbstractAsyncContextManager[None] = target.running(app)
        async with running:
            yield


def janitor_of(settings: Settings, db: Database, _: Mapping[str, Any], clock: Clock) -> Janitor:
    kept = PartnerRetention(db, log_days=settings.keep_log_days)
    sent = partial(DeliveryLog(db).forget, days=settings.keep_log_days)
    return Janitor("partners", db, {"events": kept.events, "deliveries": sent}, clock)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "partners", SCHEMA, list(HANDLERS))
    if settings.door_amqp_url and settings.door_api_url:
        async with aiohttp.ClientSession() as session:
            door = Door(session, amqp_url=settings.door_amqp_url, api_url=settings.door_api_url)
            await door.prepare(queues=settings.door_queues, queue_length=settings.queue_length)


async def reread(settings: Settings) -> None:
    """After the broker lost its stream and began a new one: read it from its beginning; nothing is written twice."""
    client = mongo.connect(settings.mongo_url)
    try:
        await ReadingStore(mongo.database(client, settings.mongo_database), "reread").forget()
    finally:
        client.close()


async def synthesize(settings: Settings, many: int) -> None:
    """So many invented events into the log of the sandbox town, at once. Raises `NoSandbox`."""
    if not settings.sandbox_town:
        raise NoSandbox("PARTNERS_SANDBOX_TOWN names no town")
    client = mongo.connect(settings.mongo_url)
    try:
        db = mongo.database(client, settings.mongo_database)
        await Sandbox(db, settings.sandbox_town, Arrivals(), system_clock).tell(many)
    finally:
        client.close()

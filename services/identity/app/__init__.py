"""Where identity is put together; nothing else here."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from services.identity.app.campaigns import Campaigns
from services.identity.app.parts import put_together
from services.identity.domain.sites import SiteFile
from services.identity.http import ROUTES
from services.identity.http.parts import PARTS, Parts
from services.identity.messages import HANDLERS
from services.identity.settings import Settings
from services.identity.store import (
    SCHEMA,
    ChildReferences,
    ClientStore,
    FamilySearch,
    write_first_key,
    write_first_sealing_key,
)
from services.identity.store.logout_calls import telling
from services.identity.usecases.reconfirm import begin_campaigns
from services.identity.usecases.register_site import SiteSet, register_site
from shared import audit, mongo, service
from shared.audit.trail import Trail
from shared.auth import Tokens
from shared.clock import Clock, system_clock
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.retention import JANITOR
from shared.service import bind, messaging, new_app

log = structlog.get_logger()


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("identity", Path(__file__).parent.parent, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    parts = put_together(settings, db, relay.wake, clock)
    app[PARTS] = parts
    app[audit.TRAIL] = Trail("identity", db, relay.wake)
    desk = parts.privacy
    heard = {**desk.heard, "exports": desk.exports, "erasures": desk.erasures, "accounts": parts.accounts}
    heard |= {"pickup": parts.homes.pickup, "families": parts.households, "alert": log.warning}
    subscriptions = bind(HANDLERS, trail=parts.trail, clock=clock, **heard)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="identity", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    app.cleanup_ctx.append(lambda _: telling(parts.sites.telling.tell_next))
    app.cleanup_ctx.append(lambda _: parts.town_files.importing.running())
    # Left before the relay, so that what an errand wrote is still sent.
    app.cleanup_ctx.append(lambda app: _working(app, parts))
    app.cleanup_ctx.append(desk.janitor.running)
    begin = partial(begin_campaigns, towns=parts.towns, confirmations=parts.homes.confirmations, clock=clock)
    app.cleanup_ctx.append(Campaigns(db, begin, clock).running)
    app[JANITOR] = desk.janitor
    return app


@asynccontextmanager
async def _working(_: web.Application, parts: Parts) -> AsyncIterator[None]:
    yield
    await parts.close()


async def migrate(settings: Settings) -> None:
    """Database, broker, and the first signing key."""
    write_first_key(settings.signing_key_file)
    write_first_sealing_key(settings.sealing_file)
    await service.migrate(settings, "identity", SCHEMA, list(HANDLERS))
    await _complete_documents(settings)


async def _complete_documents(settings: Settings) -> None:
    """What older versions did not keep yet."""
    client = mongo.connect(settings.mongo_url)
    try:
        db = mongo.database(client, settings.mongo_database)
        await ChildReferences(db).fill(db)
        await FamilySearch(db).fill()
    finally:
        client.close()


async def register_sites(settings: Settings, files: Sequence[SiteFile]) -> list[SiteSet]:
    """Sites that sign people in, as their files describe them; for operators, and for the local run."""
    client = mongo.connect(settings.mongo_url)
    try:
        db = mongo.database(client, settings.mongo_database)
        await mongo.check(db, SCHEMA)
        clients = ClientStore(db, lambda _: None)
        return [await register_site(file, clients=clients, clock=system_clock) for file in files]
    finally:
        client.close()

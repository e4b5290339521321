"""Where the requests service is put together; nothing else here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from services.requests.http import ROUTES, parts
from services.requests.messages import HANDLERS
from services.requests.settings import Settings
from services.requests.store import (
    SCHEMA,
    CatalogueStore,
    FileStore,
    HouseholdStore,
    QuotaStore,
    RequestLists,
    RequestStore,
    TownStore,
)
from services.requests.store.privacy import RequestHoldings
from services.requests.store.retention import RequestRetention
from services.requests.usecases.inspections import Inspections
from services.requests.usecases.sweep import Swept, sweep
from shared import audit, privacy, service
from shared.audit.trail import Trail
from shared.auth import Tokens
from shared.clock import Clock
from shared.contracts.billing_papers import ContestationWritten
from shared.contracts.identity import HouseholdProfiled
from shared.former_households import FormerHouseholds
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.privacy.store import erase_again
from shared.privacy.store import parts as privacy_parts
from shared.retention import JANITOR, Janitor, Task
from shared.service import bind, messaging, new_app

log = structlog.get_logger()


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("requests", Path(__file__).parent, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    add_parts(app, settings, db, relay.wake)
    private = privacy_parts(db, relay.wake, RequestHoldings(db))
    bound = bind(
        HANDLERS,
        **private,
        towns=app[parts.TOWNS],
        households=app[parts.HOUSEHOLDS],
        former=app[parts.FORMER],
        catalogues=app[parts.CATALOGUES_OF_TOWNS],
        requests=app[parts.REQUESTS],
        clock=clock,
    )
    subscriptions = privacy.unless_erased(bound, private["tombstones"], {HouseholdProfiled, ContestationWritten})
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="requests", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    app.cleanup_ctx.append(lambda app: sweeping(app, settings.sweep_seconds, clock))
    app.cleanup_ctx.append(janitor.running)
    return app


def janitor_of(settings: Settings, db: Database, private: Mapping[str, Any], clock: Clock) -> Janitor:
    kept = RequestRetention(db, days=settings.keep_requests_days)
    tasks: dict[str, Task] = {
        "requests": kept.requests,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("requests", db, tasks, clock)


def add_parts(app: web.Application, settings: Settings, db: Database, wake: Callable[[str], None]) -> None:
    app[audit.TRAIL] = Trail("requests", db, wake)
    app[parts.CATALOGUES_OF_TOWNS] = CatalogueStore(db)
    app[parts.FILES] = FileStore(db)
    app[parts.FORMER] = FormerHouseholds(db)
    app[parts.HOUSEHOLDS] = HouseholdStore(db)
    app[parts.INSPECTIONS] = Inspections(settings.uploads_at_once, settings.decoders_at_once)
    app[parts.LISTS] = RequestLists(db)
    app[parts.QUOTAS] = QuotaStore(db)
    app[parts.REQUESTS] = RequestStore(db, wake)
    app[parts.TOWNS] = TownStore(db)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "requests", SCHEMA, list(HANDLERS))


@asynccontextmanager
async def sweeping(app: web.Application, seconds: float, clock: Clock) -> AsyncIterator[None]:
    """A sweep now and then, for as long as the application runs."""

    async def once() -> Swept:
        stores: dict[str, Any] = {"requests": app[parts.REQUESTS], "files": app[parts.FILES]}
        return await sweep(**stores, quotas=app[parts.QUOTAS], clock=clock)

    task = asyncio.create_task(_repeat(once, seconds))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _repeat(once: Callable[[], Awaitable[Swept]], seconds: float) -> None:
    while True:
        try:
            swept = await once()
            log.info("left_behind_swept", drafts=swept.drafts, files=swept.files, reservations=swept.reservations)
        except Exception:
            # The next pass does what this one could not.
            log.exception("sweep_failed")
        await asyncio.sleep(seconds)

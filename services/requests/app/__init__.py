"""Where the requests service is put together; nothing else here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from services.requests.app.catalogue import add_catalogue
from services.requests.app.escalating import escalating
from services.requests.app.files import antivirus_of, files_of, intake_of, record_older_files
from services.requests.app.scanning import desk_of, scanning
from services.requests.http import ROUTES, parts
from services.requests.messages import HANDLERS
from services.requests.settings import Settings
from services.requests.store import (
    SCHEMA,
    AgentStore,
    CatalogueStore,
    ChecklistStore,
    FileStore,
    HouseholdStore,
    QuotaStore,
    RequestCounts,
    RequestLists,
    RequestStore,
    TemplateStore,
    TownStore,
)
from services.requests.store.privacy import RequestHoldings
from services.requests.store.retention import KeyRenewal, RequestRetention, VerifiedRetention
from services.requests.store.slots import SlotStore
from services.requests.store.standing import StandingRetention
from services.requests.usecases.inspections import Inspections
from services.requests.usecases.sweep import Swept, sweep
from services.requests.usecases.verify_documents import Counter
from shared import audit, privacy, service
from shared.audit.trail import Trail
from shared.auth import Tokens
from shared.background import in_background
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.billing_papers import ContestationWritten
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, HouseholdProfiled
from shared.former_households import FormerHouseholds
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.privacy.store import erase_again
from shared.privacy.store import parts as privacy_parts
from shared.retention import JANITOR, Janitor, Task
from shared.service import bind, messaging, new_app
from shared.web import CLOCK

log = structlog.get_logger()
COPIED: frozenset[type[Event]] = frozenset({AdhesionEnded, AdhesionJoined, ContestationWritten, HouseholdProfiled})
"""Not taken any more of a household that was erased."""


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("requests", Path(__file__).parent.parent, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    add_parts(app, settings, db, relay.wake)
    private = privacy_parts(db, relay.wake, RequestHoldings(db, app[parts.FILES]))
    bound = bind(
        HANDLERS,
        **private,
        agents=app[parts.AGENTS],
        towns=app[parts.TOWNS],
        households=app[parts.HOUSEHOLDS],
        former=app[parts.FORMER],
        catalogues=app[parts.CATALOGUES_OF_TOWNS],
        requests=app[parts.REQUESTS],
        standings=app[parts.STANDINGS],
        clock=clock,
    )
    subscriptions = privacy.unless_erased(bound, private["tombstones"], COPIED)
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock, app[parts.FILES])
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="requests", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    app.cleanup_ctx.append(lambda app: sweeping(app, settings.sweep_seconds, clock))
    app.cleanup_ctx.append(
        lambda app: escalating(app, settings.sweep_seconds, settings.remind_family_after_days, clock)
    )
    antivirus, slots = antivirus_of(settings), SlotStore(db, relay.wake)
    scans = desk_of(app, antivirus, slots, clock) if antivirus else None
    app.cleanup_ctx.append(lambda app: scanning(app, scans, settings.scan_seconds))
    app.cleanup_ctx.append(janitor.running)
    return app


def janitor_of(
    settings: Settings, db: Database, private: Mapping[str, Any], clock: Clock, files: FileStore | None = None
) -> Janitor:
    files = files or files_of(settings, db)
    kept = RequestRetention(db, files, days=settings.keep_requests_days)
    tasks: dict[str, Task] = {
        "requests": kept.requests,
        "documents": kept.documents,
        "verified_documents": VerifiedRetention(db, settings.keep_verified_days).verified_documents,
        "file_keys": KeyRenewal(files).file_keys,
        "ended_enrolments": StandingRetention(db).ended,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("requests", db, tasks, clock)


def add_parts(app: web.Application, settings: Settings, db: Database, wake: Callable[[str], None]) -> None:
    app[audit.TRAIL] = Trail("requests", db, wake)
    app[parts.AGENTS] = AgentStore(db)
    app[parts.CATALOGUES_OF_TOWNS] = CatalogueStore(db)
    app[parts.COUNTS] = RequestCounts(db)
    app[parts.FILES] = files_of(settings, db)
    app[parts.FILE_RECORDS] = app[parts.FILES].records
    app[parts.FORMER] = FormerHouseholds(db)
    app[parts.HOUSEHOLDS] = HouseholdStore(db)
    app[parts.LISTS] = RequestLists(db)
    app[parts.QUOTAS] = QuotaStore(db)
    app[parts.REQUESTS] = RequestStore(db, wake)
    app[parts.TEMPLATES] = TemplateStore(db)
    app[parts.TOWNS] = TownStore(db)
    add_file_parts(app, settings, db)
    add_catalogue(app, db)


def add_file_parts(app: web.Application, settings: Settings, db: Database) -> None:
    inspections = Inspections(settings.uploads_at_once, settings.decoders_at_once)
    files, clock = app[parts.FILES], app[CLOCK]
    app[parts.INTAKE] = intake_of(settings, files, inspections, clock)
    app[parts.SCANS_DUE] = asyncio.Event()
    app[parts.COUNTER] = Counter(
        checklists=ChecklistStore(db),
        catalogues=app[parts.CATALOGUES_OF_TOWNS],
        households=app[parts.HOUSEHOLDS],
        requests=app[parts.REQUESTS],
        records=files.records,
        formers=app[parts.FORMER],
        towns=app[parts.TOWNS],
        clock=clock,
    )

    async def close(_: web.Application) -> None:
        await files.close()

    app.on_cleanup.append(close)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "requests", SCHEMA, list(HANDLERS), record_older_files)


@asynccontextmanager
async def sweeping(app: web.Application, seconds: float, clock: Clock) -> AsyncIterator[None]:
    """A sweep now and then, for as long as the application runs."""

    async def once() -> Swept:
        stores: dict[str, Any] = {"requests": app[parts.REQUESTS], "files": app[parts.FILES]}
        return await sweep(**stores, quotas=app[parts.QUOTAS], clock=clock)

    async with in_background(_repeat(once, seconds)):
        yield


async def _repeat(once: Callable[[], Awaitable[Swept]], seconds: float) -> None:
    while True:
        try:
            swept = await once()
            log.info("left_behind_swept", drafts=swept.drafts, files=swept.files, reservations=swept.reservations)
        except Exception:
            # The next pass does what this one could not.
            log.exception("sweep_failed")
        await asyncio.sleep(seconds)

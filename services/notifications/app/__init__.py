"""Where the notifications service is put together; nothing else here."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from services.notifications.app.channels import channels
from services.notifications.app.mailing import mailing
from services.notifications.app.news import add_news
from services.notifications.http import ROUTES
from services.notifications.http.parts import COPIES, MESSAGES
from services.notifications.messages import HANDLERS
from services.notifications.settings import Settings
from services.notifications.store import SCHEMA, CopyStore, MessageStore
from services.notifications.store.news_schema import fill_in
from services.notifications.store.privacy import NotificationHoldings
from services.notifications.store.retention import NotificationRetention
from shared import audit, privacy, service
from shared.audit.trail import Trail
from shared.auth import Tokens
from shared.clock import Clock
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.privacy.store import erase_again
from shared.privacy.store import parts as privacy_parts
from shared.retention import JANITOR, Janitor, Task
from shared.service import bind, messaging, new_app

FOLDER = Path(__file__).parent.parent
ABOUT_HOUSEHOLDS = frozenset(kind for kind in HANDLERS if "household_id" in kind.model_fields) - privacy.HANDLERS.keys()
"""Nothing is told to an erased household, and nothing learned of it again."""


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("notifications", FOLDER, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    copies = CopyStore(db)
    messages = MessageStore(db)
    queued = asyncio.Event()
    post = mailing(app, settings=settings, db=db, relay=relay, copies=copies, queued=queued, clock=clock)
    app[audit.TRAIL] = Trail("notifications", db, relay.wake)
    app[COPIES] = copies
    app[MESSAGES] = messages
    of_news = add_news(app, db, relay.wake, clock)
    private = privacy_parts(db, relay.wake, NotificationHoldings(db))
    kept = {**private, **of_news, "copies": copies, "stationeries": post.stationeries}
    ways = channels(app, settings=settings, db=db, copies=copies, messages=messages, mails_queued=queued, clock=clock)
    bound = bind(HANDLERS, **kept, messages=messages, mails=post.mails, clock=clock, **ways.heard)
    subscriptions = privacy.unless_erased(bound, private["tombstones"], ABOUT_HOUSEHOLDS)
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock)
    app.cleanup_ctx.append(post.sender.running)
    ways.install(app)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="notifications", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    app.cleanup_ctx.append(janitor.running)
    return app


def janitor_of(settings: Settings, db: Database, private: Mapping[str, Any], clock: Clock) -> Janitor:
    kept = NotificationRetention(
        db,
        message_days=settings.keep_messages_days,
        mail_days=settings.keep_mails_days,
        news_days=settings.keep_news_days,
    )
    tasks: dict[str, Task] = {
        "messages": kept.messages,
        "mails": kept.mails,
        "troubled_addresses": kept.troubled_addresses,
        "news": kept.news,
        "enrolment_copies": kept.enrolment_copies,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("notifications", db, tasks, clock)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "notifications", SCHEMA, list(HANDLERS), fill_in)

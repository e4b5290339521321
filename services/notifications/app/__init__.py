"""Where the notifications service is put together; nothing else here."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web

from services.notifications.app.postman import Postman
from services.notifications.app.sending import Sender
from services.notifications.domain.post import Letterpress
from services.notifications.http import COPIES, MESSAGES, NEWS, ROUTES
from services.notifications.messages import HANDLERS
from services.notifications.settings import Settings
from services.notifications.store import SCHEMA, CopyStore, MailStore, MessageStore, NewsStore
from services.notifications.store.privacy import NotificationHoldings
from services.notifications.store.retention import NotificationRetention
from shared import audit, privacy, service
from shared.audit.trail import Trail
from shared.auth import Tokens
from shared.clock import Clock
from shared.i18n import Catalogues
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
    mails = MailStore(db, queued.set)
    sender = Sender(
        queued, mails=mails, copies=copies, letterpress=letterpress(settings), postman=Postman(settings), clock=clock
    )
    app[audit.TRAIL] = Trail("notifications", db, relay.wake)
    app[COPIES] = copies
    app[MESSAGES] = messages
    app[NEWS] = NewsStore(db, relay.wake)
    private = privacy_parts(db, relay.wake, NotificationHoldings(db))
    bound = bind(HANDLERS, **private, copies=copies, messages=messages, mails=mails, clock=clock)
    subscriptions = privacy.unless_erased(bound, private["tombstones"], ABOUT_HOUSEHOLDS)
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock)
    app.cleanup_ctx.append(sender.running)
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
        "news": kept.news,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("notifications", db, tasks, clock)


def letterpress(settings: Settings) -> Letterpress:
    templates = jinja2.FileSystemLoader(FOLDER / "templates")
    return Letterpress(templates, Catalogues(FOLDER), sender=settings.sender, portal_url=settings.portal_url)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "notifications", SCHEMA, list(HANDLERS))

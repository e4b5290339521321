"""Where the notifications service is put together; nothing else here."""

import asyncio
from pathlib import Path

import jinja2
from aiohttp import web

from services.notifications.app.postman import Postman
from services.notifications.app.sending import Sender
from services.notifications.domain.post import Letterpress
from services.notifications.http import COPIES, MESSAGES, NEWS, ROUTES
from services.notifications.messages import HANDLERS
from services.notifications.settings import Settings
from services.notifications.store import SCHEMA, CopyStore, MailStore, MessageStore, NewsStore
from shared import service
from shared.auth import Tokens
from shared.clock import Clock
from shared.i18n import Catalogues
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.service import bind, messaging, new_app

FOLDER = Path(__file__).parent.parent


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
    app[COPIES] = copies
    app[MESSAGES] = messages
    app[NEWS] = NewsStore(db, relay.wake)
    subscriptions = bind(HANDLERS, copies=copies, messages=messages, mails=mails)
    app.cleanup_ctx.append(sender.running)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="notifications", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    return app


def letterpress(settings: Settings) -> Letterpress:
    templates = jinja2.FileSystemLoader(FOLDER / "templates")
    return Letterpress(templates, Catalogues(FOLDER), sender=settings.sender, portal_url=settings.portal_url)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "notifications", SCHEMA, list(HANDLERS))

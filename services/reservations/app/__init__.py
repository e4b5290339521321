"""Where the reservations service is put together; nothing else here."""

from pathlib import Path

from aiohttp import web

from services.reservations.app.stores import Stores
from services.reservations.app.sweeping import Sweeping
from services.reservations.http import ROUTES, parts
from services.reservations.messages import HANDLERS
from services.reservations.settings import Settings
from services.reservations.store import SCHEMA
from shared import service
from shared.auth import Tokens
from shared.clock import Clock
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.service import bind, messaging, new_app


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("reservations", Path(__file__).parent.parent, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    stores = Stores(db, relay.wake)
    set_parts(app, stores, clock)
    subscriptions = bind(
        HANDLERS,
        catalogue=stores.catalogue,
        roster=stores.roster,
        prices=stores.prices,
        books=stores.books,
        clock=clock,
    )
    app.cleanup_ctx.append(Sweeping(stores.broom(clock), stores.leases, settings.sweep_seconds).running)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="reservations", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    return app


def set_parts(app: web.Application, stores: Stores, clock: Clock) -> None:
    """What the handlers find in the application."""
    app[parts.CATALOGUE] = stores.catalogue
    app[parts.ROSTER] = stores.roster
    app[parts.CARTS] = stores.carts
    app[parts.SHEETS] = stores.sheets
    app[parts.ORDERS] = stores.orders
    app[parts.CLOSINGS] = stores.closings
    app[parts.BOOKS] = stores.books
    app[parts.COUNTER] = stores.counter(clock)
    app[parts.OFFICE] = stores.office(clock)
    app[parts.SHELF] = stores.shelf(clock)
    app[parts.WINDOW] = stores.window(clock)
    app[parts.DESK] = stores.desk(clock)
    app[parts.HALL] = stores.hall(clock)
    app[parts.DOOR] = stores.door(clock)


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "reservations", SCHEMA, list(HANDLERS))

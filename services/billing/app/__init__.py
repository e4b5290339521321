"""Where the billing service is put together; nothing else here."""

from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from services.billing.app.loops import Loop, until_none_is_left
from services.billing.app.payfip import PayFiPService
from services.billing.app.printing import TypstPrinter
from services.billing.app.work import Stores, counter_of, end_months, pricing_of, till_of
from services.billing.http import ROUTES, parts
from services.billing.messages import HANDLERS
from services.billing.settings import Settings
from services.billing.store import SCHEMA
from services.billing.usecases.follow_payment import follow_next
from services.billing.usecases.set_prices import set_due_prices
from services.billing.usecases.start_payment import Counter
from shared import service
from shared.auth import Tokens
from shared.clock import Clock
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.service import bind, messaging, new_app

FOLDER = Path(__file__).parent.parent
TEMPLATE = FOLDER / "templates" / "invoice.typ"


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("billing", FOLDER, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    stores = Stores(db, relay.wake, clock)
    till = till_of(stores, PayFiPService(settings), clock)
    pricing = pricing_of(stores, clock)
    payments = Loop("payments", until_none_is_left(partial(follow_next, till)), seconds=5.0)
    months = Loop("months", partial(end_months, stores, TypstPrinter(TEMPLATE), clock), seconds=5.0)
    prices = Loop("prices", partial(set_due_prices, pricing), seconds=60.0)
    share(app, stores, counter_of(stores, till, partial(payment_page, settings)), settings)
    let_nudge(app, payments, months, prices)
    subscriptions = bind(HANDLERS, **vars(stores), pricing=pricing, clock=clock, nudge_runs=months.wake)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="billing", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    # Left before the relay, so that what a last step wrote is still sent.
    app.cleanup_ctx.extend([payments.running, months.running, prices.running])
    return app


def payment_page(settings: Settings, idop: str) -> str:
    return f"{settings.payfip_page}?{urlencode({'idop': idop})}"


def share(app: web.Application, stores: Stores, counter: Counter, settings: Settings) -> None:
    """Give the handlers their parts."""
    app[parts.COPIES] = stores.copies
    app[parts.TARIFFS] = stores.tariffs
    app[parts.FAMILIES] = stores.families
    app[parts.RUNS] = stores.runs
    app[parts.INVOICES] = stores.invoices
    app[parts.DOCUMENTS] = stores.documents
    app[parts.ORDERS] = stores.orders
    app[parts.PAYMENTS] = stores.payments
    app[parts.COUNTER] = counter
    app[parts.PORTAL_URL] = settings.portal_url


def let_nudge(app: web.Application, payments: Loop, months: Loop, prices: Loop) -> None:
    """Let the handlers wake the loop that has something to do now."""
    app[parts.NUDGE_PAYMENTS] = payments.wake
    app[parts.NUDGE_PRICES] = prices.wake
    both: parts.Nudge = partial(_wake, months, prices)
    app[parts.NUDGE_IMPORTED] = both


def _wake(*loops: Loop) -> None:
    for loop in loops:
        loop.wake()


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "billing", SCHEMA, list(HANDLERS))

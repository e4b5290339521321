"""Where the billing service is put together; nothing else here."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
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
from services.billing.store.backfill import fill_in
from services.billing.store.privacy import BillingHoldings
from services.billing.store.retention import BillingRetention
from services.billing.usecases.follow_payment import follow_next
from services.billing.usecases.set_prices import set_due_prices
from services.billing.usecases.start_payment import Counter
from shared import audit, privacy, service
from shared.auth import Tokens
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled
from shared.contracts.reservations import (
    AttendanceMarked,
    BookingCancelled,
    BookingConfirmed,
    PlacesHeld,
    PlacesReleased,
)
from shared.contracts.reservations_at_the_door import AttendanceUnmarked
from shared.messaging.broker import Broker
from shared.messaging.relay import Relay
from shared.mongo import Database
from shared.privacy.store import erase_again
from shared.privacy.store import parts as privacy_parts
from shared.retention import JANITOR, Janitor, Task
from shared.service import bind, messaging, new_app

FOLDER = Path(__file__).parent.parent
COPIED: frozenset[type[Event]] = frozenset({AdhesionJoined, HouseholdProfiled})
"""An erased household is not learned again from these."""
CHARGED: frozenset[type[Event]] = frozenset(
    {BookingConfirmed, BookingCancelled, AttendanceMarked, AttendanceUnmarked, PlacesHeld, PlacesReleased}
)
"""Facts from before an erasure say nothing that is still owed: a closing tells its sheets whole."""
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
    private = privacy_parts(db, relay.wake, BillingHoldings(db, settings.keep_invoices_years))
    bound = bind(HANDLERS, **vars(stores), **private, pricing=pricing, clock=clock, nudge_runs=months.wake)
    bound = privacy.unless_erased(bound, private["tombstones"], COPIED)
    subscriptions = privacy.unless_before_erasure(bound, private["tombstones"], CHARGED)
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="billing", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    # Left before the relay, so that what a last step wrote is still sent.
    app.cleanup_ctx.extend([payments.running, months.running, prices.running, janitor.running])
    return app


def janitor_of(settings: Settings, db: Database, private: Mapping[str, Any], clock: Clock) -> Janitor:
    kept = BillingRetention(db, invoice_years=settings.keep_invoices_years, sheet_years=settings.keep_sheets_years)
    tasks: dict[str, Task] = {
        "invoices": kept.invoices,
        "payments": kept.payments,
        "payment_attempts": kept.payment_attempts,
        "orders": kept.orders,
        "charge_sheets": kept.charge_sheets,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("billing", db, tasks, clock)


def payment_page(settings: Settings, idop: str) -> str:
    return f"{settings.payfip_page}?{urlencode({'idop': idop})}"


def share(app: web.Application, stores: Stores, counter: Counter, settings: Settings) -> None:
    """Give the handlers their parts."""
    app[audit.TRAIL] = stores.trail
    app[parts.COPIES] = stores.copies
    app[parts.TARIFFS] = stores.tariffs
    app[parts.FAMILIES] = stores.families
    app[parts.RUNS] = stores.runs
    app[parts.INVOICES] = stores.invoices
    app[parts.DOCUMENTS] = stores.documents
    app[parts.ORDERS] = stores.orders
    app[parts.PAYMENTS] = stores.payments
    app[parts.FORMER] = stores.former
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
    await service.migrate(settings, "billing", SCHEMA, list(HANDLERS), fill_in)

"""Where the billing service is put together; nothing else here."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from services.billing.app.arrears import compare_statements, follow_arrears, share_arrears
from services.billing.app.debits import debit_desk_of, keep_debits, share_debits
from services.billing.app.loops import LOOPS, Loop, until_none_is_left
from services.billing.app.paying.providers import Providers
from services.billing.app.prices import refreshing, share_prices
from services.billing.app.printing import TypstPrinter
from services.billing.app.secrets import SealedSecrets
from services.billing.app.till import Wakes, keep_books, share_till
from services.billing.app.work import Stores, card_desk_of, counter_of, end_months, pricing_of, till_of
from services.billing.http import ROUTES, parts
from services.billing.messages import HANDLERS
from services.billing.settings import Settings
from services.billing.store import SCHEMA
from services.billing.store.arrears_kept import ArrearsRetention
from services.billing.store.backfill import fill_in
from services.billing.store.privacy import BillingHoldings
from services.billing.store.retention import BillingRetention
from services.billing.store.till.retention import TillRetention
from services.billing.usecases.follow_payment import follow_next
from services.billing.usecases.months.decide import ReviewTable
from services.billing.usecases.set_prices import set_due_prices
from services.billing.usecases.start_payment import Counter
from shared import audit, privacy, service
from shared.auth import Tokens
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled
from shared.contracts.requests import QuotientAccepted
from shared.contracts.requests_effects import MandateDecided
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
from shared.web import CLOCK

FOLDER = Path(__file__).parent.parent
COPIED: frozenset[type[Event]] = frozenset({AdhesionJoined, HouseholdProfiled, MandateDecided, QuotientAccepted})
"""An erased household is not learned again from these."""
CHARGED: frozenset[type[Event]] = frozenset(
    {BookingConfirmed, BookingCancelled, AttendanceMarked, AttendanceUnmarked, PlacesHeld, PlacesReleased}
)
"""Facts from before an erasure say nothing that is still owed: a closing tells its sheets whole."""
TEMPLATE = FOLDER / "templates" / "paper.typ"


def build(*, settings: Settings, db: Database, broker: Broker, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("billing", FOLDER, ROUTES, tokens, clock)
    relay = Relay(db, broker, SCHEMA.telling)
    wakes = Wakes(relay.wake)
    stores = Stores(db, wakes, clock)
    secrets = SealedSecrets(settings.secrets_key.get_secret_value())
    providers = Providers(settings, secrets, clock)
    till = till_of(stores, providers, clock)
    pricing = pricing_of(stores, clock)
    payments = Loop("payments", until_none_is_left(partial(follow_next, till)), seconds=5.0)
    debit_desk = debit_desk_of(stores, secrets, clock)
    ending = partial(end_months, stores, share_printer(app), clock, settings.portal_url, debit_desk)
    months = Loop("months", ending, seconds=5.0)
    debits = Loop("debits", partial(keep_debits, debit_desk), seconds=60.0)
    arrears = Loop("arrears", partial(follow_arrears, stores, clock), seconds=60.0)
    statements = Loop("statements", partial(compare_statements, stores, clock), seconds=600.0)
    books = Loop("books", partial(keep_books, stores, clock), seconds=5.0)
    wakes.books, wakes.papers = books.wake, months.wake
    prices = Loop("prices", partial(set_due_prices, pricing), seconds=60.0)
    pricing.nudge = prices.wake
    share(app, stores, counter_of(stores, till, providers.page), settings)
    app[parts.SECRETS], app[parts.CARDS] = secrets, card_desk_of(stores, till, providers)
    share_till(app, stores, clock)
    share_arrears(app, stores, clock)
    share_debits(app, stores.sepa, debit_desk)
    quotients = refreshing(app, stores, settings, secrets)
    let_nudge(app, payments, months, prices)
    private = privacy_parts(db, relay.wake, BillingHoldings(db, settings.keep_invoices_years))
    parts_told = {"pricing": pricing, "book": pricing.book, "clock": clock, "nudge_runs": months.wake}
    parts_told |= {"quotient_desk": app[parts.QUOTIENT_DESK], "debit_desk": debit_desk}
    bound = bind(HANDLERS, **vars(stores), **private, **parts_told)
    bound = privacy.unless_erased(bound, private["tombstones"], COPIED)
    subscriptions = privacy.unless_before_erasure(bound, private["tombstones"], CHARGED)
    janitor = app[JANITOR] = janitor_of(settings, db, private, clock)
    app.cleanup_ctx.append(
        lambda app: messaging(app, service="billing", broker=broker, relay=relay, subscriptions=subscriptions)
    )
    # Left before the relay, so that what a last step wrote is still sent.
    loops = app[LOOPS] = [payments, months, prices, quotients, books, debits, arrears, statements]
    app.cleanup_ctx.extend([*(loop.running for loop in loops), janitor.running])
    return app


def share_printer(app: web.Application) -> TypstPrinter:
    """One for all papers: those of the months and those a family asks for."""
    printer = app[parts.PRINTER] = TypstPrinter(TEMPLATE)
    return printer


def janitor_of(settings: Settings, db: Database, private: Mapping[str, Any], clock: Clock) -> Janitor:
    kept = BillingRetention(db, invoice_years=settings.keep_invoices_years, sheet_years=settings.keep_sheets_years)
    money = TillRetention(db, settings.keep_invoices_years)
    owed = ArrearsRetention(db, years=settings.keep_invoices_years, sheet_years=settings.keep_sheets_years)
    tasks: dict[str, Task] = {
        "invoices": kept.invoices,
        "payments": kept.payments,
        "payment_attempts": kept.payment_attempts,
        "orders": kept.orders,
        "charge_sheets": kept.charge_sheets,
        "quotients": kept.quotients,
        "enrolments": kept.enrolments,
        "contestations": kept.contestations,
        "invoice_drafts": kept.invoice_drafts,
        "receipts": money.receipts,
        "refunds": money.refunds,
        "journal": money.journal,
        "mandates": kept.mandates,
        "debits": kept.debits,
        "reminders": owed.reminders,
        "collection_orders": owed.collection_orders,
        "statement_lines": owed.statement_lines,
        "erased_households": partial(erase_again, private["holdings"], private["tombstones"]),
    }
    return Janitor("billing", db, tasks, clock)


def share(app: web.Application, stores: Stores, counter: Counter, settings: Settings) -> None:
    """Give the handlers their parts."""
    app[audit.TRAIL] = stores.trail
    app[parts.COPIES] = stores.copies
    app[parts.TARIFFS] = stores.tariffs
    share_prices(app, stores)
    app[parts.FAMILIES] = stores.families
    app[parts.RUNS] = stores.runs
    app[parts.DRAFTS] = stores.drafts
    app[parts.RUN_POLICIES] = stores.run_policies
    app[parts.REVIEW_TABLE] = ReviewTable(runs=stores.runs, drafts=stores.drafts, clock=app[CLOCK])
    app[parts.INVOICES] = stores.invoices
    app[parts.DOCUMENTS] = stores.documents
    app[parts.PAPERS] = stores.papers
    app[parts.PIECES] = stores.pieces
    app[parts.CONTESTATIONS] = stores.contestations
    app[parts.ORDERS] = stores.orders
    app[parts.PAYMENTS] = stores.payments
    app[parts.FORMER] = stores.former
    app[parts.COUNTER] = counter
    app[parts.PORTAL_URL] = settings.portal_url
    app[parts.GATEWAY_URL] = settings.gateway_url
    app[parts.ACCOUNTS] = stores.accounts


def let_nudge(app: web.Application, payments: Loop, months: Loop, prices: Loop) -> None:
    """Let the handlers wake the loop that has something to do now."""
    app[parts.NUDGE_PAYMENTS] = payments.wake
    app[parts.NUDGE_PRICES] = prices.wake
    app[parts.NUDGE_RUNS] = months.wake
    both: parts.Nudge = partial(_wake, months, prices)
    app[parts.NUDGE_IMPORTED] = both


def _wake(*loops: Loop) -> None:
    for loop in loops:
        loop.wake()


async def migrate(settings: Settings) -> None:
    await service.migrate(settings, "billing", SCHEMA, list(HANDLERS), fill_in)

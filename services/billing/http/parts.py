"""The parts the handlers use, under the keys the application keeps them."""

from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web

from services.billing.store import (
    CopyStore,
    DocumentStore,
    FamilyStore,
    InvoiceStore,
    OrderStore,
    PaymentStore,
    RunStore,
    TariffStore,
)
from services.billing.usecases.start_payment import Counter
from shared.former_households import FormerHouseholds

Nudge: TypeAlias = Callable[[], None]

COPIES = web.AppKey("copies", CopyStore)
TARIFFS = web.AppKey("tariffs", TariffStore)
FAMILIES = web.AppKey("families", FamilyStore)
RUNS = web.AppKey("runs", RunStore)
INVOICES = web.AppKey("invoices", InvoiceStore)
DOCUMENTS = web.AppKey("documents", DocumentStore)
ORDERS = web.AppKey("orders", OrderStore)
PAYMENTS = web.AppKey("payments", PaymentStore)
COUNTER = web.AppKey("counter", Counter)
FORMER = web.AppKey("former", FormerHouseholds)
PORTAL_URL = web.AppKey("portal_url", str)
# Each wakes the loop that has something to do now.
NUDGE_PRICES: web.AppKey[Nudge] = web.AppKey("nudge_prices")
NUDGE_IMPORTED: web.AppKey[Nudge] = web.AppKey("nudge_imported")
NUDGE_PAYMENTS: web.AppKey[Nudge] = web.AppKey("nudge_payments")

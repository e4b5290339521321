"""The parts the handlers use, under the keys the application keeps them."""

from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web

from services.billing.store import (
    AccountStore,
    ConsentStore,
    ContestationStore,
    CopyStore,
    DocumentStore,
    DraftStore,
    FamilyStore,
    InvoiceStore,
    OfficePapersStore,
    OrderStore,
    PaymentStore,
    PieceStore,
    PolicyStore,
    QuotientSettingsStore,
    RunStore,
    TariffStore,
)
from services.billing.usecases.months.decide import ReviewTable
from services.billing.usecases.paying.hear_card import CardDesk
from services.billing.usecases.quotients.enter import QuotientDesk
from services.billing.usecases.quotients.national import NationalDesk
from services.billing.usecases.secrets import Secrets
from services.billing.usecases.start_payment import Counter
from services.billing.usecases.tariffs.pricing import PriceBook
from services.billing.usecases.write_documents import Printer
from shared.former_households import FormerHouseholds

Nudge: TypeAlias = Callable[[], None]

COPIES = web.AppKey("copies", CopyStore)
TARIFFS = web.AppKey("tariffs", TariffStore)
BOOK = web.AppKey("book", PriceBook)
QUOTIENT_DESK = web.AppKey("quotient_desk", QuotientDesk)
CONSENTS = web.AppKey("consents", ConsentStore)
NATIONAL = web.AppKey("national", NationalDesk)
QUOTIENT_SETTINGS = web.AppKey("quotient_settings", QuotientSettingsStore)
FAMILIES = web.AppKey("families", FamilyStore)
RUNS = web.AppKey("runs", RunStore)
DRAFTS = web.AppKey("drafts", DraftStore)
RUN_POLICIES = web.AppKey("run_policies", PolicyStore)
REVIEW_TABLE = web.AppKey("review_table", ReviewTable)
INVOICES = web.AppKey("invoices", InvoiceStore)
DOCUMENTS = web.AppKey("documents", DocumentStore)
PRINTER: web.AppKey[Printer] = web.AppKey("printer")
PIECES = web.AppKey("pieces", PieceStore)
CONTESTATIONS = web.AppKey("contestations", ContestationStore)
PAPERS = web.AppKey("papers", OfficePapersStore)
ORDERS = web.AppKey("orders", OrderStore)
PAYMENTS = web.AppKey("payments", PaymentStore)
COUNTER = web.AppKey("counter", Counter)
FORMER = web.AppKey("former", FormerHouseholds)
PORTAL_URL = web.AppKey("portal_url", str)
GATEWAY_URL = web.AppKey("gateway_url", str)
ACCOUNTS = web.AppKey("accounts", AccountStore)
CARDS = web.AppKey("cards", CardDesk)
SECRETS: web.AppKey[Secrets] = web.AppKey("secrets")
# Each wakes the loop that has something to do now.
NUDGE_PRICES: web.AppKey[Nudge] = web.AppKey("nudge_prices")
NUDGE_IMPORTED: web.AppKey[Nudge] = web.AppKey("nudge_imported")
NUDGE_PAYMENTS: web.AppKey[Nudge] = web.AppKey("nudge_payments")
NUDGE_RUNS: web.AppKey[Nudge] = web.AppKey("nudge_runs")

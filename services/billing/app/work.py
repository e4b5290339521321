"""The stores on one database, and the bundles of parts that the use cases work with."""

from collections.abc import Callable
from functools import partial

import structlog

from services.billing.app.debits import DebitStores, PlannedDebits, plan_debits
from services.billing.domain.payments import Payment
from services.billing.store import (
    AccountStore,
    ClosingStore,
    ConsentStore,
    ContestationStore,
    CopyStore,
    DocumentStore,
    DraftStore,
    EnrolmentStore,
    FamilyStore,
    InvoiceStore,
    MonthPieceStore,
    OfficePapersStore,
    OrderStore,
    PaymentStore,
    PieceStore,
    PolicyStore,
    PriceListStore,
    QuotientSettingsStore,
    RunStore,
    SheetStore,
    TariffStore,
    UsageStore,
)
from services.billing.store.arrears import ArrearsStores
from services.billing.store.till.credits import CreditStore
from services.billing.store.till.stores import TillStores
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.follow_payment import PaymentProvider, Till
from services.billing.usecases.months.advance import advance_next_run
from services.billing.usecases.months.closings import complete_closings
from services.billing.usecases.months.credits import CreditsAtIssue
from services.billing.usecases.months.desk import Desk
from services.billing.usecases.paying.hear_card import CardDesk, Cards
from services.billing.usecases.quotients.enter import QuotientDesk
from services.billing.usecases.set_prices import Pricing
from services.billing.usecases.start_payment import Counter
from services.billing.usecases.tariffs.pricing import PriceBook
from services.billing.usecases.write_documents import Press, Printer, write_documents
from shared.audit.trail import Trail
from shared.clock import Clock
from shared.former_households import FormerHouseholds
from shared.ids import new_id
from shared.mongo import Database

log = structlog.get_logger()


class Stores:
    """Every store of the service on one database. `wake` tells the relay which collection has something to tell."""

    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self.copies = CopyStore(db)
        self.former = FormerHouseholds(db)
        self.tariffs = TariffStore(db)
        self.families = FamilyStore(db)
        self.enrolments = EnrolmentStore(db)
        self.usage = UsageStore(db)
        self.consents = ConsentStore(db, wake, clock)
        self.quotient_settings = QuotientSettingsStore(db)
        self.price_lists = PriceListStore(db, wake, clock)
        self.sheets = SheetStore(db)
        self.closings = ClosingStore(db)
        self.runs = RunStore(db)
        self.drafts = DraftStore(db)
        self.run_policies = PolicyStore(db)
        self.month_pieces = MonthPieceStore(db)
        self.invoices = InvoiceStore(db, wake, clock)
        self.documents = DocumentStore(db, wake, clock)
        self.papers = OfficePapersStore(db)
        self.sepa = DebitStores(db, wake, clock)
        self.pieces = PieceStore(db)
        self.contestations = ContestationStore(db, wake, clock)
        self.orders = OrderStore(db)
        self.payments = PaymentStore(db, wake, clock)
        self.credits = CreditStore(db)
        self.accounts = AccountStore(db)
        self.money = TillStores(db, wake, clock)
        self.arrears = ArrearsStores(db, wake, clock)
        self.trail = Trail("billing", db, wake)


def book_of(stores: Stores) -> PriceBook:
    return PriceBook(
        tariffs=stores.tariffs, families=stores.families, copies=stores.copies, enrolments=stores.enrolments
    )


def quotient_desk_of(stores: Stores, clock: Clock, nudge: Callable[[], None]) -> QuotientDesk:
    return QuotientDesk(
        families=stores.families, towns=stores.copies, settings=stores.quotient_settings, clock=clock, nudge=nudge
    )


def pricing_of(stores: Stores, clock: Clock) -> Pricing:
    return Pricing(
        towns=stores.copies,
        tariffs=stores.tariffs,
        families=stores.families,
        price_lists=stores.price_lists,
        book=book_of(stores),
        usage=stores.usage,
        clock=clock,
    )


def till_of(stores: Stores, provider: PaymentProvider, clock: Clock) -> Till:
    return Till(
        payments=stores.payments,
        invoices=stores.invoices,
        orders=stores.orders,
        pieces=stores.invoices,
        provider=provider,
        alert=log.error,
        clock=clock,
    )


def counter_of(stores: Stores, till: Till, page: Callable[[Payment], str]) -> Counter:
    return Counter(
        payments=stores.payments,
        invoices=stores.invoices,
        orders=stores.orders,
        tariffs=stores.tariffs,
        accounts=stores.accounts,
        credits=stores.credits,
        copies=stores.copies,
        till=till,
        new_id=partial(new_id, "pay"),
        page=page,
    )


def card_desk_of(stores: Stores, till: Till, cards: Cards) -> CardDesk:
    return CardDesk(payments=stores.payments, accounts=stores.accounts, cards=cards, till=till, note=log.warning)


def desk_of(stores: Stores, clock: Clock) -> Desk:
    return Desk(
        closings=stores.closings,
        runs=stores.runs,
        sheets=stores.sheets,
        drafts=stores.drafts,
        policies=stores.run_policies,
        invoices=stores.invoices,
        pieces=stores.month_pieces,
        orders=stores.orders,
        credits=CreditsAtIssue(credits=stores.credits, invoices=stores.invoices, clock=clock),
        tariffs=stores.tariffs,
        book=book_of(stores),
        copies=stores.copies,
        alert=log.error,
        clock=clock,
    )


def press_of(stores: Stores, printer: Printer, portal_url: str = "") -> Press:
    return Press(
        invoices=stores.invoices,
        documents=stores.documents,
        tariffs=stores.tariffs,
        copies=stores.copies,
        papers=stores.papers,
        accounts=stores.accounts,
        printer=printer,
        alert=log.error,
        portal_url=portal_url,
        debits=PlannedDebits(stores),
    )


async def end_months(
    stores: Stores, printer: Printer, clock: Clock, portal_url: str = "", debits: DebitDesk | None = None
) -> None:
    """Closings, runs and papers, as far as they go now."""
    desk = desk_of(stores, clock)
    await complete_closings(desk)
    while run := await advance_next_run(desk):
        log.info("invoice_run_advanced", run_id=run.id, state=run.state, issued=run.issued)
    if debits:
        await plan_debits(stores, debits)
    await write_documents(press_of(stores, printer, portal_url))

"""The stores on one database, and the bundles of parts that the use cases work with."""

from collections.abc import Callable
from functools import partial

import structlog

from services.billing.store import (
    ClosingStore,
    CopyStore,
    DocumentStore,
    FamilyStore,
    InvoiceStore,
    OrderStore,
    PaymentStore,
    PriceListStore,
    RunStore,
    SheetStore,
    TariffStore,
)
from services.billing.usecases.follow_payment import PaymentProvider, Till
from services.billing.usecases.issue_invoices import Desk, advance_next_run, complete_closings
from services.billing.usecases.set_prices import Pricing
from services.billing.usecases.start_payment import Counter
from services.billing.usecases.write_documents import Printer, write_documents
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
        self.price_lists = PriceListStore(db, wake, clock)
        self.sheets = SheetStore(db)
        self.closings = ClosingStore(db)
        self.runs = RunStore(db)
        self.invoices = InvoiceStore(db, wake, clock)
        self.documents = DocumentStore(db, wake, clock)
        self.orders = OrderStore(db)
        self.payments = PaymentStore(db, wake, clock)
        self.trail = Trail("billing", db, wake)


def pricing_of(stores: Stores, clock: Clock) -> Pricing:
    return Pricing(
        towns=stores.copies,
        tariffs=stores.tariffs,
        families=stores.families,
        price_lists=stores.price_lists,
        clock=clock,
    )


def till_of(stores: Stores, provider: PaymentProvider, clock: Clock) -> Till:
    return Till(
        payments=stores.payments,
        invoices=stores.invoices,
        orders=stores.orders,
        provider=provider,
        alert=log.error,
        clock=clock,
    )


def counter_of(stores: Stores, till: Till, page: Callable[[str], str]) -> Counter:
    return Counter(
        payments=stores.payments,
        invoices=stores.invoices,
        orders=stores.orders,
        tariffs=stores.tariffs,
        copies=stores.copies,
        till=till,
        new_id=partial(new_id, "pay"),
        page=page,
    )


def desk_of(stores: Stores, clock: Clock) -> Desk:
    return Desk(
        closings=stores.closings,
        runs=stores.runs,
        sheets=stores.sheets,
        invoices=stores.invoices,
        tariffs=stores.tariffs,
        families=stores.families,
        copies=stores.copies,
        alert=log.error,
        clock=clock,
    )


async def end_months(stores: Stores, printer: Printer, clock: Clock) -> None:
    """Closings, runs and papers, as far as they go now."""
    desk = desk_of(stores, clock)
    await complete_closings(desk)
    while run := await advance_next_run(desk):
        log.info("invoice_run_advanced", run_id=run.id, state=run.state, issued=run.issued)
    await write_documents(
        invoices=stores.invoices,
        documents=stores.documents,
        tariffs=stores.tariffs,
        copies=stores.copies,
        printer=printer,
        alert=log.error,
    )

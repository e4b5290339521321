"""MongoDB documents of billing; the only folder that knows the driver."""

from services.billing.store.copies import CopyStore
from services.billing.store.families import FamilyStore, PriceListStore
from services.billing.store.invariants import INVARIANTS
from services.billing.store.invoices import DocumentStore, InvoiceStore
from services.billing.store.orders import OrderStore
from services.billing.store.payments import PaymentStore
from services.billing.store.runs import ClosingStore, RunStore
from services.billing.store.schema import SCHEMA
from services.billing.store.sheets import SheetStore
from services.billing.store.tariffs import TariffStore

__all__ = [
    "INVARIANTS",
    "SCHEMA",
    "ClosingStore",
    "CopyStore",
    "DocumentStore",
    "FamilyStore",
    "InvoiceStore",
    "OrderStore",
    "PaymentStore",
    "PriceListStore",
    "RunStore",
    "SheetStore",
    "TariffStore",
]

"""MongoDB documents of billing; the only folder that knows the driver."""

from services.billing.store.contestations import ContestationStore
from services.billing.store.copies import CopyStore
from services.billing.store.drafts import DraftStore, PolicyStore
from services.billing.store.enrolments import EnrolmentStore
from services.billing.store.families import FamilyStore, PriceListStore
from services.billing.store.invariants import INVARIANTS
from services.billing.store.invoices import DocumentStore, InvoiceStore
from services.billing.store.month_pieces import MonthPieceStore
from services.billing.store.orders import OrderStore
from services.billing.store.papers import OfficePapersStore
from services.billing.store.paying import AccountStore
from services.billing.store.payments import PaymentStore
from services.billing.store.pieces import PieceStore
from services.billing.store.quotients import ConsentStore, QuotientSettingsStore, UsageStore
from services.billing.store.runs import ClosingStore, RunStore
from services.billing.store.schema import SCHEMA
from services.billing.store.sheets import SheetStore
from services.billing.store.tariffs import TariffStore

__all__ = [
    "INVARIANTS",
    "SCHEMA",
    "AccountStore",
    "ClosingStore",
    "ConsentStore",
    "ContestationStore",
    "CopyStore",
    "DocumentStore",
    "DraftStore",
    "EnrolmentStore",
    "FamilyStore",
    "InvoiceStore",
    "MonthPieceStore",
    "OfficePapersStore",
    "OrderStore",
    "PaymentStore",
    "PieceStore",
    "PolicyStore",
    "PriceListStore",
    "QuotientSettingsStore",
    "RunStore",
    "SheetStore",
    "TariffStore",
    "UsageStore",
]

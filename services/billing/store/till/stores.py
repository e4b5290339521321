"""Every store of the till together."""

from collections.abc import Callable

from services.billing.store.till.credits import CreditStore
from services.billing.store.till.deposits import DepositStore
from services.billing.store.till.journal import JournalStore
from services.billing.store.till.payments import PaidStore
from services.billing.store.till.receipts import ReceiptStore
from services.billing.store.till.refunds import RefundStore
from services.billing.store.till.settings import TillSettingsStore
from services.billing.store.till.statement import StatementStore
from shared.clock import Clock
from shared.mongo import Database


class TillStores:
    """Every store of the till on one database."""

    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self.receipts = ReceiptStore(db, wake, clock)
        self.refunds = RefundStore(db, wake, clock)
        self.credits = CreditStore(db)
        self.deposits = DepositStore(db)
        self.journal = JournalStore(db, clock)
        self.settings = TillSettingsStore(db)
        self.paid = PaidStore(db)
        self.statements = StatementStore(db)

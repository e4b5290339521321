"""The stores about what is owed, handed over or compared, on one database."""

from collections.abc import Callable

from services.billing.store.reconciliation import ExpectedStore, StatementStore, TaskStore
from services.billing.store.treasury import BatchStore, CollectionOrderStore, ReturnStore, TreasurySettingsStore
from services.billing.store.unpaid import ExemptionStore, PolicyStore, ReminderStore, RoundStore, UnpaidStore
from shared.clock import Clock
from shared.mongo import Database


class ArrearsStores:
    def __init__(self, db: Database, wake: Callable[[str], None], clock: Clock) -> None:
        self.policies = PolicyStore(db)
        self.exemptions = ExemptionStore(db)
        self.rounds = RoundStore(db)
        self.unpaid = UnpaidStore(db)
        self.reminders = ReminderStore(db, wake, clock)
        self.treasury = TreasurySettingsStore(db)
        self.batches = BatchStore(db)
        self.orders = CollectionOrderStore(db, wake, clock)
        self.returns = ReturnStore(db)
        self.statements = StatementStore(db)
        self.tasks = TaskStore(db)
        self.expected = ExpectedStore(db)

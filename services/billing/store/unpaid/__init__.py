"""MongoDB documents about what families owe."""

from services.billing.store.unpaid.invoices import UnpaidStore
from services.billing.store.unpaid.policies import ExemptionStore, PolicyStore, RoundStore
from services.billing.store.unpaid.reminders import ReminderStore

__all__ = ["ExemptionStore", "PolicyStore", "ReminderStore", "RoundStore", "UnpaidStore"]

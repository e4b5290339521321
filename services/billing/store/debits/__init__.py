"""MongoDB documents of direct debit."""

from services.billing.store.debits.batches import AnswerStore, BatchStore
from services.billing.store.debits.debits import DebitStore
from services.billing.store.debits.mandates import CreditorStore, MandateStore
from services.billing.store.debits.schema import DEBIT_SCHEMA

__all__ = ["DEBIT_SCHEMA", "AnswerStore", "BatchStore", "CreditorStore", "DebitStore", "MandateStore"]

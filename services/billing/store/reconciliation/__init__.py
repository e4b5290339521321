"""MongoDB documents of statements from outside, and of the differences they showed."""

from services.billing.store.reconciliation.expected import ExpectedStore
from services.billing.store.reconciliation.statements import StatementStore
from services.billing.store.reconciliation.tasks import TaskStore

__all__ = ["ExpectedStore", "StatementStore", "TaskStore"]

"""The parts of these handlers, under the keys the application keeps them."""

from aiohttp import web

from services.billing.store.reconciliation import StatementStore, TaskStore
from services.billing.usecases.reconciliation.reconcile import ReconciliationDesk
from services.billing.usecases.reconciliation.resolve import Clerk

STATEMENTS = web.AppKey("statements", StatementStore)
TASKS = web.AppKey("reconciliation_tasks", TaskStore)
RECONCILIATION_DESK = web.AppKey("reconciliation_desk", ReconciliationDesk)
CLERK = web.AppKey("clerk", Clerk)

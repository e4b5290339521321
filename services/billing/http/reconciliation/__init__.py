"""Statements from outside, and the differences they show."""

from services.billing.http.reconciliation import statements, tasks

ROUTES = [*statements.ROUTES, *tasks.ROUTES]

"""Debts at the Treasury: what may go there, what went, what came back."""

from services.billing.http.treasury import batches, candidates, orders, returns, settings

ROUTES = [*settings.ROUTES, *candidates.ROUTES, *batches.ROUTES, *orders.ROUTES, *returns.ROUTES]

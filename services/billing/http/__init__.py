"""The door for people: everything billing answers."""

from services.billing.http import (
    debits,
    imports,
    invoices,
    months,
    orders,
    papers,
    paying,
    payments,
    reconciliation,
    runs,
    tariffs,
    till,
    treasury,
    unpaid,
)

ROUTES = [
    *debits.ROUTES,
    *imports.ROUTES,
    *invoices.ROUTES,
    *months.ROUTES,
    *orders.ROUTES,
    *papers.ROUTES,
    *paying.ROUTES,
    *payments.ROUTES,
    *runs.ROUTES,
    *tariffs.ROUTES,
    *till.ROUTES,
    *reconciliation.ROUTES,
    *treasury.ROUTES,
    *unpaid.ROUTES,
]

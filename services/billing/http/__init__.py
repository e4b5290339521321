"""The door for people: everything billing answers."""

from services.billing.http import imports, invoices, payments, runs

ROUTES = [*imports.ROUTES, *invoices.ROUTES, *payments.ROUTES, *runs.ROUTES]

"""The till's door: what cashiers and accountants ask."""

from services.billing.http.till import books, counter, credit_notes, deposits, journal, receipts, refunds, statements

ROUTES = [
    *counter.ROUTES,
    *receipts.ROUTES,
    *credit_notes.ROUTES,
    *refunds.ROUTES,
    *deposits.ROUTES,
    *books.ROUTES,
    *journal.ROUTES,
    *statements.ROUTES,
]

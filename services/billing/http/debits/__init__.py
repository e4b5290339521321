"""Direct debit: creditors, mandates, debits, their files and what banks answer."""

from services.billing.http.debits import answers, batches, creditors, debits, family_mandates, mandates

ROUTES = [
    *answers.ROUTES,
    *batches.ROUTES,
    *creditors.ROUTES,
    *debits.ROUTES,
    *family_mandates.ROUTES,
    *mandates.ROUTES,
]

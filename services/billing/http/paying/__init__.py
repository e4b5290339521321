"""The doors around payments: accounts of cash offices, card pages, payments people have to look at."""

from services.billing.http.paying import accounts, cards, reviews

ROUTES = [*accounts.ROUTES, *cards.ROUTES, *reviews.ROUTES]

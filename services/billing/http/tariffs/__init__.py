"""Prices at the door: what days would cost, quotients, the form of a tariff file."""

from services.billing.http.tariffs import own_quotients, quotes, quotients, schema

ROUTES = [*quotes.ROUTES, *quotients.ROUTES, *own_quotients.ROUTES, *schema.ROUTES]

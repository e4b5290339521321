"""The door to month's end: drafts of invoice runs, what agents decide of them, how each office wants it."""

from services.billing.http.months import decisions, drafts, policies

ROUTES = [*drafts.ROUTES, *decisions.ROUTES, *policies.ROUTES]

"""The door for people and for partners' own systems."""

from services.partners.http import events, profiles, subscriptions, webhooks

ROUTES = [*subscriptions.ROUTES, *events.ROUTES, *profiles.ROUTES, *webhooks.ROUTES]

"""The door for people."""

from services.notifications.http import (
    devices,
    letter_templates,
    mail_bounces,
    messages,
    news,
    news_desk,
    news_files,
    preferences,
    trail,
    unreachable_addresses,
    unsubscriptions,
)
from shared.web import Route

ROUTES: list[Route] = [
    *news.ROUTES,
    *news_desk.ROUTES,
    *news_files.ROUTES,
    *messages.ROUTES,
    *preferences.ROUTES,
    *devices.ROUTES,
    *unsubscriptions.ROUTES,
    *trail.ROUTES,
    *letter_templates.ROUTES,
    *mail_bounces.ROUTES,
    *unreachable_addresses.ROUTES,
]

"""The door for people."""

from services.requests.http import answering, attachments, categories, filing, reading
from shared.web import Route

ROUTES: list[Route] = [
    *categories.ROUTES,
    *filing.ROUTES,
    *attachments.ROUTES,
    *reading.ROUTES,
    *answering.ROUTES,
]

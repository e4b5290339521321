"""The door for people."""

from services.requests.http import (
    answering,
    attachments,
    categories,
    category_editing,
    checklists,
    filing,
    processing,
    reading,
)
from shared.web import Route

ROUTES: list[Route] = [
    *categories.ROUTES,
    *category_editing.ROUTES,
    *filing.ROUTES,
    *attachments.ROUTES,
    *checklists.ROUTES,
    *reading.ROUTES,
    *answering.ROUTES,
    *processing.ROUTES,
]

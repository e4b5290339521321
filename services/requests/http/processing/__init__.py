"""What happens to filed requests: agents' verbs, families' verbs, messages, counts, exports, templates."""

from services.requests.http.processing import agents, exports, families, inbox, messages, notes, templates
from shared.web import Route

ROUTES: list[Route] = [
    *agents.ROUTES,
    *families.ROUTES,
    *messages.ROUTES,
    *notes.ROUTES,
    *inbox.ROUTES,
    *exports.ROUTES,
    *templates.ROUTES,
]

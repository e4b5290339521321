"""Which service answers which resource: the first word after `/api/v1/`. A test holds it to the services."""

import re

SERVICE_OF = {
    "accounts": "identity",
    "adhesions": "identity",
    "agent-registrations": "identity",
    "agents": "identity",
    "audit-trail": "identity",
    "email-confirmations": "identity",
    "erasures": "identity",
    "duplicates": "identity",
    "family-exports": "identity",
    "family-files": "identity",
    "family-import-drafts": "identity",
    "family-imports": "identity",
    "guardian-acceptances": "identity",
    "guardian-registrations": "identity",
    "household": "identity",
    "merges": "identity",
    "household-search": "identity",
    "invitations": "identity",
    "children-custody": "identity",
    "household-changes": "identity",
    "pickup-persons": "identity",
    "reconfirmations": "identity",
    "shared-children": "identity",
    "me": "identity",
    "municipalities": "identity",
    "partner": "identity",
    "partner-accounts": "identity",
    "privacy-texts": "identity",
    "password-resets": "identity",
    "registrations": "identity",
    "sessions": "identity",
    "staff-imports": "identity",
    "agent-bookings": "reservations",
    "attendance-days": "reservations",
    "agenda": "reservations",
    "attendance-lists": "reservations",
    "attendance-marks": "reservations",
    "booking-requests": "reservations",
    "bookings": "reservations",
    "calendar": "reservations",
    "calendar-feeds": "reservations",
    "calendar-imports": "reservations",
    "calendar-periods": "reservations",
    "cart": "reservations",
    "children": "reservations",
    "disruptions": "reservations",
    "enrolment-imports": "reservations",
    "absences": "reservations",
    "enrolments": "reservations",
    "school-year-changes": "reservations",
    "attendance-exports": "reservations",
    "booking-exports": "reservations",
    "headcount-exports": "reservations",
    "waiting-list-exports": "reservations",
    "headcounts": "reservations",
    "meal-orders": "reservations",
    "month-closings": "reservations",
    "months": "reservations",
    "diets": "reservations",
    "programme-exports": "reservations",
    "programme-imports": "reservations",
    "programmes": "reservations",
    "sites": "reservations",
    "regulation-simulations": "reservations",
    "regulations": "reservations",
    "regulation-schema": "reservations",
    "usual-week-links": "reservations",
    "usual-week-reminders": "reservations",
    "waiting-list-entries": "reservations",
    "waiting-list-offers": "reservations",
    "waiting-lists": "reservations",
    "invoice-runs": "billing",
    "invoices": "billing",
    "orders": "billing",
    "payment-notifications": "billing",
    "payment-returns": "billing",
    "payments": "billing",
    "quotient-imports": "billing",
    "tariff-imports": "billing",
    "messages": "notifications",
    "news": "notifications",
    "request-categories": "requests",
    "request-category-imports": "requests",
    "requests": "requests",
}

# Open to callers without a session; everything else is refused here, before any service is troubled.
OPEN = frozenset(
    {
        "accounts",
        "agent-registrations",
        "calendar-feeds",
        "email-confirmations",
        "guardian-registrations",
        "invitations",
        "municipalities",
        "payment-notifications",
        "payment-returns",
        "password-resets",
        "registrations",
        "sessions",
        "usual-week-links",
        "waiting-list-offers",
    }
)

# Calls that book, pay, close or file: they carry an Idempotency-Key, kept by the service with the effect.
KEYED = re.compile(
    r"POST /api/v1/(absences|agent-bookings|booking-requests/decisions|bookings|disruptions(/[^/]+/undo)?"
    r"|cart/validation|month-closings|payments|requests/[^/]+/submission"
    r"|waiting-list-entries|waiting-list-offers/[^/]+/acceptance)"
)


def resource_of(path: str) -> str:
    """`/api/v1/cart/lines` → `cart`."""
    parts = path.split("/", 4)
    return parts[3] if len(parts) > 3 and parts[1:3] == ["api", "v1"] else ""


def needs_key(method: str, path: str) -> bool:
    return KEYED.fullmatch(f"{method} {path}") is not None

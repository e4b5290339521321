"""A town, a partner of it, and events as they travel."""

from datetime import UTC, datetime
from typing import Any

from services.partners.domain.facts import Fact
from services.partners.domain.recording import Entry, entries_of
from services.partners.domain.subscriptions import Subscription

TOWN, OTHER_TOWN = "sainte-aurore", "le-val-dore"
BASE = "https://preau.example"
CLIENT, OTHER_CLIENT = "cli_cuisine", "cli_compta"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FROZEN = "reservations.meal_order_frozen.v1"
ISSUED = "billing.invoice_issued.v1"
BOOKED = "reservations.booking_confirmed.v1"
CHILD, HOUSEHOLD = "chd_zoe", "hsh_martin"
DATA: dict[str, dict[str, Any]] = {
    FROZEN: {
        "municipality_id": TOWN,
        "programme_id": "sainte-aurore.restaurant",
        "date": "2026-11-23",
        "due_at": "2026-11-20T09:00:00Z",
        "counts": [{"activity_id": "sainte-aurore.repas", "site_id": "tilleuls", "diet": "sans-porc", "count": 9}],
    },
    ISSUED: {
        "invoice_id": "inv_1",
        "number": "2026-F-000123",
        "household_id": HOUSEHOLD,
        "municipality_id": TOWN,
        "cash_office_id": "sainte-aurore.regie",
        "month": "2026-10",
        "total_cents": 4210,
        "due_date": "2026-12-15",
        "corrects": None,
    },
    BOOKED: {
        "municipality_id": TOWN,
        "household_id": HOUSEHOLD,
        "child_id": CHILD,
        "programme_id": "sainte-aurore.restaurant",
        "month": "2026-11",
        "billing_mode": "postpaid",
        "regulation_version": 3,
        "days": [{"activity_id": "sainte-aurore.repas", "date": "2026-11-23", "late": "standard", "order_id": None}],
        "order_id": None,
        "booked_by": "guardian",
        "disruption_id": "",
    },
}


def envelope(number: int, kind: str = FROZEN, town: str = TOWN, **changes: Any) -> dict[str, Any]:
    event_id = f"{number:032x}"
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/preau/{kind.partition('.')[0]}",
        "type": kind,
        "time": NOW.isoformat(),
        "subject": f"subject-{number}",
        "datacontenttype": "application/json",
        "dataschema": f"/api/v1/schemas/{kind}.json",
        "municipality": town,
        "sequence": 1,
        "correlationid": event_id,
        "causationid": event_id,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "data": DATA.get(kind, {"municipality_id": town}),
        **changes,
    }


def entry(number: int, kind: str = FROZEN, town: str = TOWN, **changes: Any) -> Entry:
    (found,) = entries_of(envelope(number, kind, town, **changes))
    return found


def fact(number: int, kind: str = FROZEN, town: str = TOWN) -> Fact:
    """As the log gives it, at the position of its number."""
    one = entry(number, kind, town)
    return Fact(
        id=one.id,
        municipality_id=town,
        position=number,
        type=kind,
        subject=one.subject,
        time=one.time,
        body=one.body,
    )


def subscription(**changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "id": "psb_0001",
        "municipality_id": TOWN,
        "client_id": CLIENT,
        "name": "Cuisine centrale",
        "profile": "kitchen",
        "kind": "amqp",
        "created_by": "acc_manager",
        "created_at": NOW,
    }
    return Subscription(**{**values, **changes})

"""The test event a manager sends to see whether a webhook answers."""

import json
from datetime import datetime

from services.partners.domain.subscriptions import Subscription

PING = "partners.pinged.v1"


def ping_of(subscription: Subscription, ping_id: str, at: datetime) -> bytes:
    """A CloudEvent as any other, but about nothing that happened: receivers answer 2xx and forget it."""
    event = {
        "specversion": "1.0",
        "id": ping_id,
        "source": "/preau/partners",
        "type": PING,
        "time": at.isoformat(),
        "subject": subscription.id,
        "datacontenttype": "application/json",
        "municipality": subscription.municipality_id,
        "data": {"subscription_id": subscription.id, "municipality_id": subscription.municipality_id},
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

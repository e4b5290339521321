"""Subscriptions as documents."""

from typing import Any

from services.partners.domain.subscriptions import Subscription
from shared.mongo import Document


def to_document(subscription: Subscription) -> Document:
    return {
        "municipality_id": subscription.municipality_id,
        "client_id": subscription.client_id,
        "name": subscription.name,
        "profile": subscription.profile,
        "types": list(subscription.types),
        "kind": subscription.kind,
        "url": subscription.url,
        "state": subscription.state,
        "paused_because": subscription.paused_because,
        "created_by": subscription.created_by,
        "created_at": subscription.created_at,
        "replayed_at": subscription.replayed_at,
    }


def from_document(found: Any) -> Subscription:
    return Subscription(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        client_id=found["client_id"],
        name=found["name"],
        profile=found["profile"],
        types=tuple(found["types"]),
        kind=found["kind"],
        url=found["url"],
        state=found["state"],
        paused_because=found["paused_because"],
        created_by=found["created_by"],
        created_at=found["created_at"],
        replayed_at=found["replayed_at"],
        version=found["version"],
    )

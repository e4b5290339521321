"""Documents of webhooks and deliveries, and the other way round."""

from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.partners.domain.webhooks.deliveries import Attempt, Delivery, Failure, State
from services.partners.domain.webhooks.endpoints import Endpoint
from services.partners.domain.webhooks.health import Leave, Pulse
from services.partners.domain.webhooks.signatures import Secret
from shared.mongo import CollectionSchema, Document

WAITING = {"partialFilterExpression": {"state": State.WAITING}}
# Each of the first two gives its answer from one index entry per subscription, or per subject.
DUE = IndexModel([("state", 1), ("subscription_id", 1), ("due_at", 1)], name="due", **WAITING)
HEADS = IndexModel([("subscription_id", 1), ("state", 1), ("subject", 1), ("position", 1)], name="heads", **WAITING)
LOG = IndexModel([("subscription_id", ASCENDING), ("position", DESCENDING)], name="log")
STATES = IndexModel([("subscription_id", ASCENDING), ("state", ASCENDING), ("position", DESCENDING)], name="states")
AGE = IndexModel([("queued_at", 1)], name="age")
COLLECTIONS = {
    "webhooks": CollectionSchema(),
    "deliveries": CollectionSchema(indexes=(DUE, HEADS, LOG, STATES, AGE)),
}


def delivery_document(delivery: Delivery) -> Document:
    return {
        "_id": delivery.id,
        "subscription_id": delivery.subscription_id,
        "municipality_id": delivery.municipality_id,
        "event_id": delivery.event_id,
        "position": delivery.position,
        "type": delivery.type,
        "subject": delivery.subject,
        "body": delivery.body,
        "queued_at": delivery.queued_at,
        **state_of(delivery),
    }


def state_of(delivery: Delivery) -> Document:
    """What a try changes."""
    return {
        "state": delivery.state,
        "due_at": delivery.due_at,
        "tries": delivery.tries,
        "attempts": [_attempt_document(one) for one in delivery.attempts],
        "first_tried_at": delivery.first_tried_at,
        "settled_at": delivery.settled_at,
    }


def delivery_of(found: Document) -> Delivery:
    return Delivery(
        id=found["_id"],
        subscription_id=found["subscription_id"],
        municipality_id=found["municipality_id"],
        event_id=found["event_id"],
        position=found["position"],
        type=found["type"],
        subject=found["subject"],
        body=found["body"],
        queued_at=found["queued_at"],
        due_at=found["due_at"],
        state=State(found["state"]),
        tries=found["tries"],
        attempts=tuple(_attempt_of(one) for one in found["attempts"]),
        first_tried_at=found["first_tried_at"],
        settled_at=found["settled_at"],
    )


def endpoint_document(endpoint: Endpoint) -> Document:
    return {
        "_id": endpoint.id,
        "municipality_id": endpoint.municipality_id,
        "secrets": [vars(secret) for secret in endpoint.secrets],
        "left_because": endpoint.left_because,
        **pulse_document(endpoint.pulse),
        "version": endpoint.version,
    }


def pulse_document(pulse: Pulse) -> Document:
    return {"failures": pulse.failures, "last_taken_at": pulse.last_taken_at}


def endpoint_of(found: Document) -> Endpoint:
    return Endpoint(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        secrets=tuple(Secret(**one) for one in found["secrets"]),
        left_because=Leave(found["left_because"]) if found["left_because"] else None,
        pulse=Pulse(failures=found["failures"], last_taken_at=found["last_taken_at"]),
        version=found["version"],
    )


def _attempt_document(attempt: Attempt) -> Document:
    return {name: value for name, value in vars(attempt).items() if value}


def _attempt_of(found: Document) -> Attempt:
    known: dict[str, Any] = {**found, "failure": Failure(found["failure"]) if "failure" in found else None}
    return Attempt(**known)

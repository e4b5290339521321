"""What goes out of an event: the fields of the profile, in an envelope that tells nothing of how Préau works inside."""

import json
from collections.abc import Mapping
from typing import Any

from services.partners.domain.facts import Fact, Outgoing
from shared.contracts.narrowing import Shape, picked, shape_of

# Correlation, causation and trace are for whoever runs Préau.
HEAD = ("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "sequence")


def outgoing(fact: Fact, profile: str, base: str) -> Outgoing | None:
    """None when the profile is not told of such facts. `base`: the gateway, where schemas are."""
    shape = shape_of(fact.type, profile)
    if shape is None:
        return None
    event = told(json.loads(fact.body), fact, f"{base}{schema_path(profile, fact.type)}", shape)
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Outgoing(id=fact.id, type=fact.type, subject=fact.subject, position=fact.position, body=body)


def told(envelope: Mapping[str, Any], fact: Fact, dataschema: str, shape: Shape) -> dict[str, Any]:
    """The CloudEvent, with the extensions `municipality`, `sequence` and `position`."""
    head = {name: envelope[name] for name in HEAD if name in envelope}
    return {
        **head,
        "dataschema": dataschema,
        # A fact of several towns is told to each as its own, and names no other.
        "municipality": fact.municipality_id,
        "position": fact.position,
        "data": picked(envelope.get("data"), shape),
    }


def schema_path(profile: str, topic: str) -> str:
    return f"/api/v1/partner-profiles/{profile}/{topic}"

"""What each profile is told, from the contracts: which events, what they mean, the JSON Schema of what is left."""

import inspect
from functools import cache
from typing import Any

from services.partners.domain.subscriptions import topics_of
from shared.contracts import Event
from shared.contracts.catalogue import all_events
from shared.contracts.narrowing import narrowed, shape_of


@cache
def contracts() -> dict[str, type[Event]]:
    return {kind.topic: kind for kind in all_events()}


def meaning(topic: str) -> str:
    return inspect.getdoc(contracts()[topic]) or ""


@cache
def schema_of(profile: str, topic: str) -> dict[str, Any] | None:
    """Of `data` as the profile has it; None when it is not told of such events."""
    shape = shape_of(topic, profile)
    if shape is None or topic not in contracts():
        return None
    whole = contracts()[topic].model_json_schema(mode="serialization")
    left = narrowed(whole, shape, whole.get("$defs", {}))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{topic} ({profile})", **left}


def told_to(profile: str) -> list[str]:
    return sorted(topic for topic in topics_of(profile) if topic in contracts())

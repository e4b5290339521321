"""What all patterns of a form may cost together: each is quick, a list of a thousand texts is not."""

from collections.abc import Mapping
from typing import Any

from services.requests.domain.conditions import rules_of
from services.requests.domain.patterns import cost_of

MOST_WEIGHT = 200_000
"""About half a second of searching, were every text written to take the longest."""
MOST_ITEMS = 1_000
MOST_CONDITIONS = 5_000
"""Held against one set of answers; a condition in a list counts for every item there may be."""


def pattern_weight(field: Mapping[str, Any], times: int = 1) -> int:
    """The ways all searches of its texts could go wrong, or the steps when they are more."""
    kind = field["type"]
    if kind == "object":
        return sum(pattern_weight(inner, times) for inner in field["properties"].values())
    if kind == "array":
        most = field.get("maxItems", MOST_ITEMS)
        return pattern_weight(field["items"], times * min(int(most), MOST_ITEMS))
    if "pattern" not in field:
        return 0
    cost = cost_of(field["pattern"], field["maxLength"])
    return times * max(cost.ways, cost.steps)


def condition_weight(field: Mapping[str, Any], times: int = 1) -> int:
    """How many conditions its answers may be held against."""
    kind = field["type"]
    if kind == "array":
        most = field.get("maxItems", MOST_ITEMS)
        return condition_weight(field["items"], times * min(int(most), MOST_ITEMS))
    if kind != "object":
        return 0
    return times * len(rules_of(field)) + sum(condition_weight(one, times) for one in field["properties"].values())

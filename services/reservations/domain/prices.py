"""What a household pays, in cents by activity; where its children pay differently, by activity and child beside it."""

from collections.abc import Mapping


def own_price(activity_id: str, child_id: str) -> str:
    """The key of what one child pays where that is not what any child does."""
    return f"{activity_id}|{child_id}"


def price_in(prices: Mapping[str, int], activity_id: str, child_id: str) -> int | None:
    """What the child pays: its own price before the one of every child."""
    return prices.get(own_price(activity_id, child_id), prices.get(activity_id))

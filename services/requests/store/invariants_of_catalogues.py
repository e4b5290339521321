"""What must hold of towns' categories and their former versions."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.mongo import Database


async def editions_not_replaced(db: Database) -> list[str]:
    """A version is kept apart once a later one stands in the catalogue."""
    steps: list[dict[str, Any]] = [
        {"$lookup": {"from": "catalogues", "localField": "category_id", "foreignField": "categories.id", "as": "town"}},
        {
            "$addFields": {
                "current": {
                    "$first": {
                        "$filter": {
                            "input": {"$ifNull": [{"$first": "$town.categories"}, []]},
                            "cond": {"$eq": ["$$this.id", "$category_id"]},
                        }
                    }
                }
            }
        },
        # A write that lost its race keeps the version that is still current: the next one makes it former.
        {"$match": {"$expr": {"$gt": ["$version", {"$ifNull": ["$current.version", 0]}]}}},
    ]
    found = db["category_editions"].aggregate(steps)
    return [f"category {one['category_id']} has no version {one['version']} any more" async for one in found]


CATALOGUE_INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "every former version of a category is one it had": editions_not_replaced,
}

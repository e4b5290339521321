"""What each household pays per activity in each town, as billing last told it; by child where children differ."""

from collections.abc import Collection as Some
from collections.abc import Mapping

from services.reservations.domain.prices import price_in
from shared.mongo import Collection, CollectionSchema, Database, Document, keep_newest

COLLECTION = "prices"
PRICES_SCHEMA = CollectionSchema()


class PriceStore:
    def __init__(self, db: Database) -> None:
        self._prices: Collection = db[COLLECTION]

    async def set(self, household_id: str, municipality_id: str, prices: Mapping[str, int], *, sequence: int) -> None:
        """Keep these cents per activity unless something newer is kept."""
        state = {
            "household_id": household_id,
            "municipality_id": municipality_id,
            "prices": [{"activity_id": activity_id, "cents": cents} for activity_id, cents in prices.items()],
        }
        await keep_newest(self._prices, price_id(household_id, municipality_id), state, sequence)

    async def of(self, household_id: str, municipality_ids: Some[str]) -> dict[str, int]:
        """Cents by activity, as far as they are known."""
        ids = [price_id(household_id, municipality_id) for municipality_id in sorted(municipality_ids)]
        cursor = self._prices.find({"_id": {"$in": ids}, "household_id": household_id})
        return {activity_id: cents async for found in cursor for activity_id, cents in prices_of(found).items()}


def price_id(household_id: str, municipality_id: str) -> str:
    return f"{household_id}|{municipality_id}"


def child_prices(found: Document, child_id: str) -> dict[str, int]:
    """Cents by activity, as that child pays them."""
    prices = prices_of(found)
    shown = {name: price_in(prices, name, child_id) for name in (one.partition("|")[0] for one in prices)}
    return {name: cents for name, cents in shown.items() if cents is not None}


def prices_of(found: Document) -> dict[str, int]:
    return {price["activity_id"]: price["cents"] for price in found["prices"]}

"""Carts: one document per household, over all its children and towns; forgotten after 30 idle days."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.reservations.domain.cart import Cart
from services.reservations.store.lines import line_document, line_of
from shared.errors import Conflict
from shared.mongo import Collection, CollectionSchema, Database, Document
from shared.together import Together

COLLECTION = "carts"
KEPT = timedelta(days=30)
CARTS_SCHEMA = CollectionSchema(
    indexes=[IndexModel([("touched_at", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds()))],
)


class CartStore:
    def __init__(self, db: Database) -> None:
        self._carts: Collection = db[COLLECTION]
        self._read_together = Together(self._read_all)
        self._emptied_together = Together(self._take_out_all)

    async def get(self, household_id: str) -> Cart:
        """The household's cart, empty when it has none."""
        return await self._read_together(household_id)

    async def _read_all(self, household_ids: Sequence[str]) -> list[Cart]:
        documents = await self._carts.find({"_id": {"$in": list(household_ids)}}).to_list(None)
        found = {document["_id"]: cart_of(document) for document in documents}
        return [found.get(one) or Cart(household_id=one) for one in household_ids]

    async def put(self, cart: Cart, *, now: datetime) -> None:
        """Raises `Conflict` when the cart changed since it was read."""
        state = {"lines": [line_document(line) for line in cart.lines], "touched_at": now, "version": cart.version + 1}
        try:
            written = await self._carts.update_one(
                {"_id": cart.household_id, "version": cart.version}, {"$set": state}, upsert=cart.version == 0
            )
        except DuplicateKeyError:
            raise Conflict() from None
        if not (written.matched_count or written.upserted_id):
            raise Conflict()

    async def take_out(self, household_id: str, line_ids: list[str]) -> bool:
        """Remove lines, whatever else changed meanwhile; True when one of them was there."""
        return bool((await self._carts.update_one(*_taking_out(household_id, line_ids))).modified_count)

    async def take_out_validated(self, household_id: str, line_ids: list[str]) -> None:
        """The same, whether they are still there or not."""
        await self._emptied_together((household_id, line_ids))

    async def _take_out_all(self, wanted: Sequence[tuple[str, list[str]]]) -> list[None]:
        await self._carts.bulk_write([UpdateOne(*_taking_out(*one)) for one in wanted], ordered=False)
        return [None] * len(wanted)

    async def take_out_town(self, household_id: str, municipality_id: str) -> None:
        """Remove the lines of a town the household left."""
        theirs = {"municipality_id": municipality_id}
        await self._carts.update_one(
            {"_id": household_id, "lines": {"$elemMatch": theirs}}, {"$pull": {"lines": theirs}, "$inc": {"version": 1}}
        )

    async def empty(self, household_id: str) -> None:
        await self._carts.update_one({"_id": household_id}, {"$set": {"lines": []}, "$inc": {"version": 1}})


def _taking_out(household_id: str, line_ids: list[str]) -> tuple[Document, Document]:
    there = {"_id": household_id, "lines.id": {"$in": line_ids}}
    return there, {"$pull": {"lines": {"id": {"$in": line_ids}}}, "$inc": {"version": 1}}


def cart_of(found: Document) -> Cart:
    return Cart(household_id=found["_id"], lines=tuple(map(line_of, found["lines"])), version=found["version"])

"""The categories of a town: one document, so that an import is one write."""

from collections.abc import Collection, Sequence

from pymongo.errors import DuplicateKeyError

from services.requests.domain.categories import Category
from services.requests.store.documents import category_document, category_of
from shared.errors import Conflict, NotFound
from shared.mongo import Database


class CatalogueStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["catalogues"]

    async def of_town(self, municipality_id: str) -> tuple[tuple[Category, ...], int]:
        """Every category the town ever set, in the order of its file, and the version of the whole; nothing at 0."""
        found = await self._documents.find_one({"_id": municipality_id, "municipality_id": municipality_id})
        if found is None:
            return (), 0
        return tuple(category_of(category) for category in found["categories"]), found["version"]

    async def offered(self, category_id: str, municipality_ids: Collection[str]) -> Category:
        """The category when one of these towns offers it now. Raises `NotFound`."""
        wanted = {"id": category_id, "offered": True}
        found = await self._documents.find_one(
            {"municipality_id": {"$in": list(municipality_ids)}, "categories": {"$elemMatch": wanted}},
            {"categories": {"$elemMatch": wanted}},
        )
        if found is None:
            raise NotFound()
        return category_of(found["categories"][0])

    async def save(self, municipality_id: str, categories: Sequence[Category], version: int) -> None:
        """Raises `Conflict` when the town's document is not at `version` any more."""
        state = {"categories": [category_document(category) for category in categories], "version": version + 1}
        try:
            await self._documents.update_one(
                {"_id": municipality_id, "municipality_id": municipality_id, "version": version},
                {"$set": state},
                upsert=True,
            )
        except DuplicateKeyError:
            raise Conflict() from None

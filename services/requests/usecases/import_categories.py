"""A town sets its categories of requests, all at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from services.requests.domain.categories import Category, Revision, categories_of, revise


class Catalogues(Protocol):
    async def of_town(self, municipality_id: str) -> tuple[tuple[Category, ...], int]: ...
    async def save(self, municipality_id: str, categories: Sequence[Category], version: int) -> None: ...


async def import_categories(
    municipality_id: str, entries: Sequence[Mapping[str, Any]], *, catalogues: Catalogues
) -> Revision:
    """Raises `CategoriesRefused`, `Conflict` when another import of the town came between."""
    given = categories_of(municipality_id, entries)
    known, version = await catalogues.of_town(municipality_id)
    categories, revision = revise(known, given)
    await catalogues.save(municipality_id, categories, version)
    return revision

"""A town sets its categories of requests, all at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.requests.domain.categories import Revision, categories_of, revise
from services.requests.usecases.edit_categories import Shelves, save_categories


async def import_categories(
    municipality_id: str, entries: Sequence[Mapping[str, Any]], *, shelves: Shelves
) -> Revision:
    """Raises `CategoriesRefused`, `Conflict` when another import of the town came between."""
    given = categories_of(municipality_id, entries)
    known, version = await shelves.catalogues.of_town(municipality_id)
    categories, revision = revise(known, given)
    await save_categories(municipality_id, known, categories, version, shelves)
    return revision

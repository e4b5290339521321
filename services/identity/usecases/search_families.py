"""Agents looking for a family of their town."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

from services.identity.domain.search import Term, sought

Place_contra = TypeVar("Place_contra", contravariant=True)
Place = TypeVar("Place")
Found_co = TypeVar("Found_co", covariant=True)


class Search(Protocol[Place_contra, Found_co]):
    async def find(
        self, municipality_id: str, wanted: Sequence[Term], after: Place_contra | None, limit: int
    ) -> Sequence[Found_co]: ...


async def search_families(
    words: str,
    *,
    birth_date: date | None,
    phone: str,
    municipality_id: str,
    after: Place | None,
    limit: int,
    search: Search[Place, Found_co],
) -> Sequence[Found_co]:
    """Files of the town that have all of it, at most `limit`, after that place. Raises `SearchTooWide`."""
    wanted = sought(words, birth_date=birth_date, phone=phone)
    return await search.find(municipality_id, wanted, after, limit)

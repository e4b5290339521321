"""Lists of requests, a page at a time, without answers, forms and documents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.requests.domain.refusals import field_error
from services.requests.domain.requests import State
from services.requests.store.requests import REQUESTS
from shared.errors import N_, BadInput
from shared.mongo import Database, Document

SHOWN = {
    "household_id": 1,
    "municipality_id": 1,
    "category.id": 1,
    "category.name": 1,
    "category.thematic": 1,
    "child_id": 1,
    "state": 1,
    "created_at": 1,
    "filed_at": 1,
    "answered_at": 1,
}


@dataclass(frozen=True, kw_only=True)
class Page:
    """`limit` entries after `cursor` (empty for the first page)."""

    cursor: str
    limit: int


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Documents with what `SHOWN` names, and where the next page begins."""

    documents: list[Document]
    next_cursor: str | None


class RequestLists:
    def __init__(self, db: Database) -> None:
        self._documents = db[REQUESTS]

    async def of_household(
        self, household_id: str, state: State | None, page: Page, *, formers: Collection[str] = ()
    ) -> Listed:
        """Newest first. `formers`: households merged into this one, whose drafts are nobody's any more."""
        own: Document = {"household_id": household_id}
        filed = {"household_id": {"$in": list(formers)}, "filed_at": {"$ne": None}}
        return await self._page({**({"$or": [own, filed]} if formers else own), **_in(state)}, "created_at", page)

    async def of_towns(self, municipality_ids: Collection[str], state: State | None, page: Page) -> Listed:
        """Last filed first; never a draft."""
        scope = {"municipality_id": {"$in": list(municipality_ids)}, "filed_at": {"$ne": None}}
        return await self._page({**scope, **_in(state)}, "filed_at", page)

    async def _page(self, query: Document, by: str, page: Page) -> Listed:
        wanted = {"$and": [query, _after(page.cursor, by)]} if page.cursor else query
        cursor = self._documents.find(wanted, SHOWN, sort=[(by, -1), ("_id", -1)], limit=page.limit + 1)
        found = await cursor.to_list(page.limit + 1)
        shown = found[: page.limit]
        more = len(found) > page.limit
        return Listed(documents=shown, next_cursor=_cursor(shown[-1], by) if more else None)


def _in(state: State | None) -> dict[str, Any]:
    return {"state": state} if state else {}


def _cursor(document: Document, by: str) -> str:
    return f"{round(document[by].timestamp() * 1000)}.{document['_id']}"


def _after(cursor: str, by: str) -> Document:
    milliseconds, _, last_id = cursor.partition(".")
    try:
        at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput([field_error("query", "cursor", N_("This is no place in this list."))]) from None
    return {"$or": [{by: {"$lt": at}}, {by: at, "_id": {"$lt": last_id}}]}

"""Lists of requests, a page at a time, without answers, forms and documents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.requests.domain.refusals import field_error
from services.requests.store.filters import BY, Filters, Sort
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
    "withdrawn_at": 1,
    "touched_at": 1,
    "due_on": 1,
    "assigned": 1,
    "step": 1,
    "unread_by_family": 1,
    "unread_by_agents": 1,
    "version": 1,
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
        self, household_id: str, filters: Filters, page: Page, *, formers: Collection[str] = ()
    ) -> Listed:
        """Newest first. `formers`: households merged into this one, whose drafts are nobody's any more."""
        own: Document = {"household_id": household_id}
        filed = {"household_id": {"$in": list(formers)}, "filed_at": {"$ne": None}}
        return await self._page([{"$or": [own, filed]} if formers else own, filters.query()], ("created_at", -1), page)

    async def of_towns(
        self, municipality_ids: Collection[str], filters: Filters, page: Page, *, sort: Sort = "filed"
    ) -> Listed:
        """Last filed first, or what is due first (only what has a date), or last touched; never a draft."""
        scope: Document = {"municipality_id": {"$in": list(municipality_ids)}, "filed_at": {"$ne": None}}
        dated = [{"due_on": {"$type": "string"}}] if sort == "due" else []
        return await self._page([scope, *dated, filters.query()], BY[sort], page)

    async def households_in(self, municipality_id: str, filters: Filters) -> list[str]:
        """Whose requests a list of the town shows in all."""
        scope: Document = {"municipality_id": municipality_id, "filed_at": {"$ne": None}}
        found: list[str] = await self._documents.distinct("household_id", {"$and": [scope, filters.query()]})
        return found

    async def _page(self, parts: Sequence[Document], by: tuple[str, int], page: Page) -> Listed:
        place = [_after(page.cursor, by)] if page.cursor else []
        wanted = {"$and": [*(part for part in parts if part), *place]}
        cursor = self._documents.find(wanted, SHOWN, sort=[by, ("_id", by[1])], limit=page.limit + 1)
        found = await cursor.to_list(page.limit + 1)
        shown = found[: page.limit]
        more = len(found) > page.limit
        return Listed(documents=shown, next_cursor=_cursor(shown[-1], by[0]) if more else None)


def _cursor(document: Document, by: str) -> str:
    value = document[by]
    place = round(value.timestamp() * 1000) if isinstance(value, datetime) else value
    return f"{place}.{document['_id']}"


def _after(cursor: str, by: tuple[str, int]) -> Document:
    place, _, last_id = cursor.partition(".")
    name, direction = by
    beyond = "$lt" if direction < 0 else "$gt"
    try:
        at = _day(place) if name == "due_on" else datetime.fromtimestamp(int(place) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadInput([field_error("query", "cursor", N_("This is no place in this list."))]) from None
    return {"$or": [{name: {beyond: at}}, {name: at, "_id": {beyond: last_id}}]}


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()

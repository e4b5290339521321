"""Looking for family files: one index over every term of every file, read from the rarest term asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import MaxKey, MinKey
from pymongo import UpdateOne

from services.identity.domain.families import FamilyFile
from services.identity.domain.search import Term
from services.identity.store.family_files import SHOWN, file_of
from services.identity.store.search_terms import KEY, SEARCH_INDEX, search_fields
from shared.mongo import Database, Document

INDEX = SEARCH_INDEX.document["name"]
# Beyond this a term is frequent: how much more so does not matter.
FREQUENT = 2_000
LONGEST_MS = 3_000
FILLED_AT_ONCE = 500
LAST = "\U0010ffff"


@dataclass(frozen=True)
class Position:
    """Where a page ended: an entry of the index. `term` is the one the file was found by."""

    term: str
    name: str
    file_id: str


@dataclass(frozen=True)
class FoundFile:
    file: FamilyFile
    position: Position


class FamilySearch:
    def __init__(self, db: Database) -> None:
        self._documents = db["family_files"]

    async def find(
        self, municipality_id: str, wanted: Sequence[Term], after: Position | None, limit: int
    ) -> list[FoundFile]:
        """Files with all the terms, by the word found and the family's name, after a position of the same search."""
        driver = await self._rarest(municipality_id, wanted)
        others = [term for term in wanted if term is not driver]
        found: list[FoundFile] = []
        async for document in self._documents.find(**_scan(municipality_id, driver, others, after, limit)):
            position = _position(document, driver)
            # A file stands in the index once for each of its terms; it is shown where it comes first.
            if after is None or (position.term, position.name, position.file_id) > (
                after.term,
                after.name,
                after.file_id,
            ):
                found.append(FoundFile(file_of(document), position))
            if len(found) == limit:
                break
        return found

    async def fill(self) -> int:
        """Make files kept before there was a search findable; how many there were."""
        filled = 0
        while found := await self._documents.find({"search": {"$exists": False}}, SHOWN).to_list(FILLED_AT_ONCE):
            # Unless it was written meanwhile, by a process that knows of the search.
            writes = [
                UpdateOne(
                    {"_id": one["_id"], "version": one["version"], "search": {"$exists": False}},
                    {"$set": {"search": search_fields(file_of(one))}},
                )
                for one in found
            ]
            await self._documents.bulk_write(writes, ordered=False)
            filled += len(found)
        return filled

    async def explain(self, municipality_id: str, wanted: Sequence[Term]) -> Document:
        """How the database reads it, for those who doubt."""
        driver = await self._rarest(municipality_id, wanted)
        others = [term for term in wanted if term is not driver]
        scan = _scan(municipality_id, driver, others, None, 1)
        explained: Document = await self._documents.find(**scan).explain()
        return explained

    async def _rarest(self, municipality_id: str, wanted: Sequence[Term]) -> Term:
        whole = next((term for term in wanted if term.whole), None)
        if whole or len(wanted) == 1:
            return whole or wanted[0]
        counts = [(await self._count(municipality_id, term), -len(term.text), term) for term in wanted if term.narrow]
        return min(counts, key=lambda one: one[:2])[2]

    async def _count(self, municipality_id: str, term: Term) -> int:
        asked = {"municipality_id": municipality_id, "search.terms": _matches(term)}
        return await self._documents.count_documents(asked, hint=INDEX, limit=FREQUENT)


def _matches(term: Term) -> Any:
    return term.text if term.whole else {"$regex": f"^{re.escape(term.text)}"}


def _scan(
    municipality_id: str, driver: Term, others: Sequence[Term], after: Position | None, limit: int
) -> dict[str, Any]:
    """Arguments of `find`: a range of the index, and what else the files in it must have."""
    first = (driver.text, MinKey(), MinKey()) if after is None else (after.term, after.name, after.file_id)
    last = (driver.text, MaxKey(), MaxKey()) if driver.whole else (driver.text + LAST, MinKey(), MinKey())
    having = [{"search.text": {"$regex": _inside(term)}} for term in others]
    return {
        "filter": {"municipality_id": municipality_id, **({"$and": having} if having else {})},
        "projection": {**SHOWN, "search.text": 0},
        "hint": INDEX,
        "min": dict(zip(KEY, (municipality_id, *first), strict=True)),
        "max": dict(zip(KEY, (municipality_id, *last), strict=True)),
        "batch_size": limit + 1,
        "max_time_ms": LONGEST_MS,
    }


def _inside(term: Term) -> str:
    return f" {re.escape(term.text)}{' ' if term.whole else ''}"


def _position(document: Document, driver: Term) -> Position:
    terms = document["search"]["terms"]
    term = driver.text if driver.whole else min(one for one in terms if one.startswith(driver.text))
    return Position(term, document["sort_name"], document["_id"])

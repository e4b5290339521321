"""Statements and their lines: a line is stored once, whichever statement brings it."""

from collections.abc import Collection, Sequence
from datetime import date

from pymongo import UpdateOne

from services.billing.domain.reconciliation.statements import Line, LineState, Statement, StatementKind
from services.billing.store.documents import Taken, from_document, save, several, to_document
from shared.errors import Conflict
from shared.mongo import Database, Document

AT_ONCE = 1_000


class StatementStore:
    def __init__(self, db: Database) -> None:
        self._statements, self._lines = db["statements"], db["statement_lines"]

    async def by_content(self, cash_office_id: str, kind: StatementKind, sha256: str) -> Statement | None:
        scope = {"cash_office_id": cash_office_id, "kind": kind, "sha256": sha256}
        found = await self._statements.find_one(scope)
        return from_document(Statement, found) if found else None

    async def add(self, statement: Statement) -> Statement:
        """Brought before, as it was then. Its lines are stored first, so that one that is kept is whole."""
        try:
            return await save(self._statements, statement)
        except (Taken, Conflict):
            known = await self.by_content(statement.cash_office_id, statement.kind, statement.sha256)
            if known is None:
                raise
            return known

    async def add_lines(self, lines: Sequence[Line]) -> int:
        """How many were not known yet."""
        fresh = 0
        for start in range(0, len(lines), AT_ONCE):
            writes = [_insert(line) for line in lines[start : start + AT_ONCE]]
            fresh += (await self._lines.bulk_write(writes, ordered=False)).upserted_count
        return fresh

    async def open_lines(self, cash_office_id: str, kind: StatementKind) -> list[Line]:
        scope = {"cash_office_id": cash_office_id, "kind": kind, "state": "open"}
        return several(Line, await self._lines.find(scope).sort([("on", 1), ("_id", 1)]).to_list(None))

    async def line(self, municipality_id: str, line_id: str) -> Line | None:
        found = await self._lines.find_one({"_id": line_id, "municipality_id": municipality_id})
        return from_document(Line, found) if found else None

    async def save_line(self, line: Line) -> Line | None:
        """None when another line has one of its matches, or it was changed meanwhile."""
        try:
            return await save(self._lines, line)
        except (Taken, Conflict):
            return None

    async def matched(self, kind: StatementKind, ids: Collection[str]) -> set[str]:
        """Which of these some line of that kind is the money of."""
        scope = {"kind": kind, "state": "matched", "matched": {"$in": list(ids)}}
        return set(await self._lines.distinct("matched", scope)) & set(ids)

    async def told_until(self, cash_office_id: str, kind: StatementKind) -> date | None:
        """The last day any statement of the kind speaks of."""
        found = await self._statements.find_one(
            {"cash_office_id": cash_office_id, "kind": kind}, sort=[("ends_on", -1)]
        )
        return date.fromisoformat(found["ends_on"]) if found else None

    async def told_from(self, cash_office_id: str, kind: StatementKind) -> date | None:
        """The first day any statement of the kind speaks of: what came before nobody can look for."""
        found = await self._statements.find_one(
            {"cash_office_id": cash_office_id, "kind": kind}, sort=[("begins_on", 1)]
        )
        return date.fromisoformat(found["begins_on"]) if found else None

    async def kinds(self) -> list[tuple[str, str, StatementKind]]:
        """Municipality, cash office and kind of everything that was ever imported."""
        names = {"municipality_id": "$municipality_id", "cash_office_id": "$cash_office_id", "kind": "$kind"}
        found = await self._statements.aggregate([{"$group": {"_id": names}}]).to_list(None)
        return sorted(
            (one["_id"]["municipality_id"], one["_id"]["cash_office_id"], one["_id"]["kind"]) for one in found
        )

    async def of_office(self, cash_office_id: str, *, after: str, limit: int) -> list[Statement]:
        """Newest first; `after`: the id of the last one had."""
        scope = _after({"cash_office_id": cash_office_id}, after)
        return several(Statement, await self._statements.find(scope).sort("_id", -1).to_list(limit))

    async def lines_of_office(
        self, cash_office_id: str, *, kind: StatementKind | None, state: LineState | None, after: str, limit: int
    ) -> list[Line]:
        """By id; `after`: the id of the last one had."""
        scope: Document = {"cash_office_id": cash_office_id}
        scope |= {name: value for name, value in (("kind", kind), ("state", state)) if value}
        found = self._lines.find(_after(scope, after)).sort("_id", -1)
        return several(Line, await found.to_list(limit))


def _insert(line: Line) -> UpdateOne:
    document = {**to_document(line), "version": 1}
    return UpdateOne({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)


def _after(scope: Document, after: str) -> Document:
    return {**scope, "_id": {"$lt": after}} if after else scope

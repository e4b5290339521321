"""Differences: each raised once, under its natural key."""

from services.billing.domain.reconciliation.tasks import Task, TaskKind, TaskState
from services.billing.store.documents import from_document, save, several, to_document
from shared.mongo import Database, Document


class TaskStore:
    def __init__(self, db: Database) -> None:
        self._tasks = db["reconciliation_tasks"]

    async def raise_once(self, task: Task) -> bool:
        """True when it was not known; one that is known stays as it is."""
        document = {**to_document(task), "version": 1}
        name = document.pop("_id")
        done = await self._tasks.update_one({"_id": name}, {"$setOnInsert": document}, upsert=True)
        return done.upserted_id is not None

    async def get(self, municipality_id: str, task_id: str) -> Task | None:
        found = await self._tasks.find_one({"_id": task_id, "municipality_id": municipality_id})
        return from_document(Task, found) if found else None

    async def save(self, task: Task) -> Task:
        """Raises `Conflict`."""
        return await save(self._tasks, task)

    async def open_of_statements(self, cash_office_id: str, kind: str) -> list[Task]:
        """Those that a later match may clear."""
        scope = {"cash_office_id": cash_office_id, "statement_kind": kind, "state": "open"}
        return several(Task, await self._tasks.find(scope).to_list(None))

    async def of_office(
        self, cash_office_id: str, *, state: TaskState | None, kind: TaskKind | None, after: str, limit: int
    ) -> list[Task]:
        """By id; `after`: the id of the last one had."""
        scope: Document = {"cash_office_id": cash_office_id}
        scope |= {name: value for name, value in (("state", state), ("kind", kind)) if value}
        if after:
            scope["_id"] = {"$lt": after}
        return several(Task, await self._tasks.find(scope).sort("_id", -1).to_list(limit))

    async def count_open(self, cash_office_id: str) -> int:
        return await self._tasks.count_documents({"cash_office_id": cash_office_id, "state": "open"})

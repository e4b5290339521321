"""Answer templates of the towns: one document each."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.requests.domain.templates import Template
from shared.errors import Conflict, NotFound
from shared.mongo import Database, Document


class TemplateStore:
    def __init__(self, db: Database) -> None:
        self._documents = db["answer_templates"]

    async def of_town(self, municipality_id: str) -> list[Template]:
        """By name."""
        found = self._documents.find({"municipality_id": municipality_id}, sort=[("name", 1), ("_id", 1)])
        return [_template_of(document) async for document in found]

    async def count(self, municipality_id: str) -> int:
        return await self._documents.count_documents({"municipality_id": municipality_id})

    async def get(self, template_id: str, municipality_id: str) -> Template:
        """Raises `NotFound`."""
        found = await self._documents.find_one({"_id": template_id, "municipality_id": municipality_id})
        if found is None:
            raise NotFound()
        return _template_of(found)

    async def add(self, template: Template) -> None:
        await self._documents.insert_one({"_id": template.id, **_document(template)})

    async def save(self, template: Template) -> None:
        """At its next version. Raises `Conflict`."""
        written = await self._documents.update_one(_before(template, 1), {"$set": _document(template)})
        if not written.matched_count:
            raise Conflict()

    async def remove(self, template: Template) -> None:
        """Raises `Conflict`."""
        removed = await self._documents.delete_one(_before(template, 0))
        if not removed.deleted_count:
            raise Conflict()


def _before(template: Template, step: int) -> Document:
    return {
        "_id": template.id,
        "municipality_id": template.municipality_id,
        "version": template.version - step,
    }


def _document(template: Template) -> Document:
    document = {**asdict(template), "category_ids": list(template.category_ids)}
    del document["id"]
    return document


def _template_of(document: Mapping[str, Any]) -> Template:
    known = {name: value for name, value in document.items() if name != "_id"}
    return Template(**{**known, "id": document["_id"], "category_ids": tuple(document["category_ids"])})

"""The towns' words for their letters: one document per town and kind, its editions inside."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from services.notifications.domain.letter_templates import Edition, LetterTemplate
from services.notifications.domain.own_words import OwnWords
from shared.mongo import CollectionSchema, Database, Document
from shared.versions import VersionPassed

LETTER_TEMPLATES = CollectionSchema(
    validator={
        "bsonType": "object",
        "required": ["_id", "municipality_id", "kind", "version", "editions"],
        "properties": {
            "version": {"bsonType": ["int", "long"], "minimum": 1},
            "editions": {"bsonType": "array", "minItems": 1},
        },
    },
    indexes=[IndexModel([("municipality_id", ASCENDING)], name="of_town")],
)
LETTERHEADS = CollectionSchema(validator={"bsonType": "object", "required": ["_id", "sequence", "png"]})


class LetterTemplates:
    def __init__(self, db: Database) -> None:
        self._documents = db["letter_templates"]

    async def get(self, municipality_id: str, kind: str) -> LetterTemplate:
        """An untouched one for a kind the town never changed."""
        asked = {"_id": f"{municipality_id}/{kind}", "municipality_id": municipality_id}
        found = await self._documents.find_one(asked)
        return _template(found) if found else LetterTemplate(municipality_id=municipality_id, kind=kind)

    async def of_town(self, municipality_id: str) -> dict[str, LetterTemplate]:
        """Those the town ever changed, by kind."""
        found = self._documents.find({"municipality_id": municipality_id})
        return {one["kind"]: _template(one) async for one in found}

    async def in_force(self, municipality_id: str) -> Mapping[tuple[str, str], OwnWords]:
        """By kind and language."""
        newest: Document = {"kind": 1, "version": 1, "municipality_id": 1, "editions": {"$slice": -1}}
        found = self._documents.find({"municipality_id": municipality_id}, newest)
        templates = [_template(one) async for one in found]
        return {(one.kind, language): words for one in templates for language, words in one.words.items()}

    async def save(self, template: LetterTemplate) -> None:
        """Raises `VersionPassed` when another edition came first."""
        fields = {"editions": [_edition_document(one) for one in template.editions], "version": template.version}
        whose = {"_id": f"{template.municipality_id}/{template.kind}", "municipality_id": template.municipality_id}
        if template.version == 1:
            try:
                await self._documents.insert_one({**whose, "kind": template.kind, **fields})
            except DuplicateKeyError:
                raise VersionPassed() from None
            return
        before = {**whose, "version": template.version - 1}
        if not (await self._documents.update_one(before, {"$set": fields})).matched_count:
            raise VersionPassed()


def _edition_document(edition: Edition) -> Document:
    words = {language: asdict(own) for language, own in edition.words.items()}
    return {
        "version": edition.version,
        "words": words,
        "changed_at": edition.changed_at,
        "changed_by": edition.changed_by,
    }


def _template(found: Document) -> LetterTemplate:
    return LetterTemplate(
        municipality_id=found["municipality_id"],
        kind=found["kind"],
        editions=tuple(_edition(one) for one in found["editions"]),
    )


def _edition(found: Document) -> Edition:
    return Edition(
        version=found["version"],
        words={language: _words(own) for language, own in found["words"].items()},
        changed_at=found["changed_at"],
        changed_by=found["changed_by"],
    )


def _words(found: dict[str, Any]) -> OwnWords:
    return OwnWords(subject=found["subject"], opening=found["opening"], notes=tuple(found["notes"]))

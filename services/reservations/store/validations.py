"""Validations as documents: kept a month, so that a repeated key is answered the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError

from services.reservations.domain.late import Surcharge
from services.reservations.domain.on_behalf import Behalf
from services.reservations.domain.validation import LineOutcome, Validation
from services.reservations.store.lines import line_document, line_of
from services.reservations.store.refusals import refusal_document, refusal_of
from shared.mongo import Collection, CollectionSchema, Database, Document
from shared.together import Together

COLLECTION = "validations"
DUPLICATE = 11000
KEPT = timedelta(days=30)
BUSY_MS = 15_000
STALE_MS = 60_000
SEEN: list[Document] = [{"$set": {"seen": "$$NOW"}}]
VALIDATIONS_SCHEMA = CollectionSchema(
    indexes=[
        IndexModel([("household_id", 1), ("key", 1)], name="key", unique=True),
        IndexModel([("at", 1)], name="forgotten", expireAfterSeconds=int(KEPT.total_seconds())),
        IndexModel([("seen", 1)], name="unfinished", partialFilterExpression={"done": False}),
    ],
)


class ValidationStore:
    def __init__(self, db: Database) -> None:
        self._validations: Collection = db[COLLECTION]
        self._begun_together = Together(self._begin_all)
        self._finished_together = Together(self._finish_all)

    async def find(self, household_id: str, key: str) -> Validation | None:
        found = await self._validations.find_one({"household_id": household_id, "key": key})
        return _validation(found) if found else None

    async def begin(self, validation: Validation) -> Validation:
        """The validation of this key: this one, or the one that was begun with it before."""
        if await self._begun_together(validation):
            return validation
        found = await self._validations.find_one(_same(validation))
        if found is None:
            raise LookupError(validation.id)
        return validation if found["_id"] == validation.id else _validation(found)

    async def _begin_all(self, validations: Sequence[Validation]) -> list[bool]:
        """Which of them are new: the database names those it made."""
        did: Mapping[str, Any]
        try:
            beginnings = [_beginning(validation) for validation in validations]
            did = (await self._validations.bulk_write(beginnings, ordered=False)).bulk_api_result
        except BulkWriteError as error:
            did = error.details
            # A double click: both came to an empty place, and the other was faster.
            if did["writeConcernErrors"] or any(one["code"] != DUPLICATE for one in did["writeErrors"]):
                raise
        made = {one["index"] for one in did["upserted"]}
        return [index in made for index in range(len(validations))]

    async def resume(self, validation: Validation) -> bool:
        """Take over what was begun; False while whoever began it may still be at work."""
        idle = {"done": False, "$expr": {"$lt": ["$seen", {"$subtract": ["$$NOW", BUSY_MS]}]}}
        taken = await self._validations.update_one({**_scope(validation), **idle}, SEEN)
        return bool(taken.modified_count)

    async def undo(self, validation: Validation) -> None:
        await self._validations.update_one({**_scope(validation), "done": False}, {"$set": {"undoing": True}})

    async def finish(self, validation: Validation, outcomes: Sequence[LineOutcome]) -> Validation:
        """The validation with its outcomes: these, or those of whoever finished it first."""
        if await self._finished_together((validation, outcomes)):
            return replace(validation, done=True, outcomes=tuple(outcomes))
        found = await self._validations.find_one(_scope(validation))
        if found is None:
            raise LookupError(validation.id)
        return _validation(found)

    async def _finish_all(self, finished: Sequence[tuple[Validation, Sequence[LineOutcome]]]) -> list[bool]:
        """Whether each is finished by this; when one was before, nobody is told and all look for themselves."""
        did = await self._validations.bulk_write([_finishing(*one) for one in finished], ordered=False)
        return [did.modified_count == len(finished)] * len(finished)

    async def take_stale(self) -> Validation | None:
        """One that was begun or last taken a minute ago and is not done: its process died or was cut off."""
        found = await self._validations.find_one_and_update(
            {"done": False, "$expr": {"$lt": ["$seen", {"$subtract": ["$$NOW", STALE_MS]}]}},
            SEEN,
            return_document=ReturnDocument.AFTER,
        )
        return _validation(found) if found else None


def _scope(validation: Validation) -> Document:
    return {"_id": validation.id, "household_id": validation.household_id}


def _same(validation: Validation) -> Document:
    return {"household_id": validation.household_id, "key": validation.key}


def _beginning(validation: Validation) -> UpdateOne:
    """Changes nothing where one was begun with its key before."""
    document = {
        "_id": validation.id,
        **_same(validation),
        "fingerprint": validation.fingerprint,
        "mode": validation.mode,
        "lines": [line_document(line) for line in validation.lines],
        "order_ids": [{"municipality_id": town, "order_id": one} for town, one in validation.order_ids.items()],
        "done": False,
        "undoing": False,
    }
    if validation.behalf:
        document["waived"] = sorted(validation.behalf.waived)
    # A pipeline, because only a pipeline can read the database's clock.
    begun = {"$mergeObjects": [{"$literal": document}, {"at": "$$NOW", "seen": "$$NOW"}]}
    missing = {"$eq": [{"$type": "$mode"}, "missing"]}
    return UpdateOne(_same(validation), [{"$replaceWith": {"$cond": [missing, begun, "$$ROOT"]}}], upsert=True)


def _finishing(validation: Validation, outcomes: Sequence[LineOutcome]) -> UpdateOne:
    document = {"done": True, "outcomes": [_outcome_document(outcome) for outcome in outcomes]}
    return UpdateOne({**_scope(validation), "done": False}, {"$set": document})


def _outcome_document(outcome: LineOutcome) -> Document:
    document: Document = {"line_id": outcome.line.id, "outcome": outcome.outcome}
    if outcome.refusal:
        document["refusal"] = refusal_document(outcome.refusal)
    if outcome.late:
        document["late"] = outcome.late
    if outcome.surcharge:
        document["surcharge"] = outcome.surcharge.model_dump(exclude_none=True)
    return document


def _validation(found: Document) -> Validation:
    lines = {line["id"]: line_of(line) for line in found["lines"]}
    outcomes = tuple(
        LineOutcome(
            line=lines[outcome["line_id"]],
            outcome=outcome["outcome"],
            refusal=refusal_of(outcome["refusal"]) if "refusal" in outcome else None,
            late=outcome.get("late", ""),
            surcharge=Surcharge(**outcome["surcharge"]) if "surcharge" in outcome else None,
        )
        for outcome in found.get("outcomes", ())
    )
    return Validation(
        id=found["_id"],
        household_id=found["household_id"],
        key=found["key"],
        fingerprint=found["fingerprint"],
        mode=found["mode"],
        lines=tuple(lines.values()),
        order_ids={order["municipality_id"]: order["order_id"] for order in found["order_ids"]},
        done=found["done"],
        undoing=found["undoing"],
        behalf=Behalf(waived=frozenset(found["waived"])) if "waived" in found else None,
        outcomes=outcomes,
    )

"""Texts towns ask consent for, each version once and for ever, and what guardians answered."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from services.identity.domain.consents import Answer, Consent, ConsentText
from shared.errors import Conflict
from shared.messaging.envelope import pack
from shared.mongo import CollectionSchema, Database, Document

CONSENT_TEXTS = CollectionSchema(
    indexes=[IndexModel([("municipality_id", 1), ("purpose", 1), ("version", -1)], name="version", unique=True)],
    validator={"bsonType": "object", "required": ["municipality_id", "purpose", "version", "words", "published_at"]},
)
PRIVACY_CONSENTS = CollectionSchema(
    tells=True,
    indexes=[
        IndexModel([("account_id", 1)], name="account"),
        IndexModel([("household_id", 1)], name="household"),
    ],
    validator={
        "bsonType": "object",
        "required": ["account_id", "household_id", "municipality_id", "purpose", "answers", "version"],
    },
)


class ConsentStore:
    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._texts, self._consents = db["consent_texts"], db["privacy_consents"]
        self._wake = wake

    async def texts(self, municipality_ids: Collection[str]) -> list[ConsentText]:
        """The version of each purpose that applies now, by town and purpose."""
        newest: list[dict[str, Any]] = [
            {"$match": {"municipality_id": {"$in": sorted(municipality_ids)}}},
            {"$sort": {"municipality_id": 1, "purpose": 1, "version": -1}},
            {"$group": {"_id": {"town": "$municipality_id", "purpose": "$purpose"}, "text": {"$first": "$$ROOT"}}},
            {"$sort": {"_id.town": 1, "_id.purpose": 1}},
        ]
        return [_text(found["text"]) async for found in self._texts.aggregate(newest)]

    async def text(self, municipality_id: str, purpose: str) -> ConsentText | None:
        scope = {"municipality_id": municipality_id, "purpose": purpose}
        found = await self._texts.find_one(scope, sort=[("version", -1)])
        return _text(found) if found else None

    async def publish(self, text: ConsentText) -> None:
        """Raises `Conflict` when that version was published meanwhile."""
        words = [{"language": one, "title": title, "text": said} for one, (title, said) in text.words.items()]
        try:
            await self._texts.insert_one({**vars(text), "words": words})
        except DuplicateKeyError:
            raise Conflict() from None

    async def of_account(self, account_id: str, household_id: str) -> dict[tuple[str, str], Consent]:
        """By town and purpose."""
        found = self._consents.find({"account_id": account_id, "household_id": household_id}, {"outbox": 0})
        return {(one["municipality_id"], one["purpose"]): _consent(one) async for one in found}

    async def get(self, consent_id: str, account_id: str) -> Consent | None:
        found = await self._consents.find_one({"_id": consent_id, "account_id": account_id}, {"outbox": 0})
        return _consent(found) if found else None

    async def save(self, consent: Consent, now: datetime) -> None:
        """With its event. Raises `Conflict`."""
        outbox = pack(
            [consent.told()],
            subject=consent.id,
            sequence=consent.version + 1,
            municipality_id=consent.municipality_id,
            at=now,
        )
        fields = {**vars(consent), "answers": [vars(one) for one in consent.answers], "version": consent.version + 1}
        del fields["id"]
        change = {"$set": fields, "$push": {"outbox": {"$each": outbox}}}
        try:
            written = await self._consents.update_one(
                {"_id": consent.id, "version": consent.version}, change, upsert=consent.version == 0
            )
        except DuplicateKeyError:
            raise Conflict() from None
        if not (written.matched_count or written.upserted_id):
            raise Conflict()
        self._wake("privacy_consents")


def _text(found: Document) -> ConsentText:
    fields = {name: value for name, value in found.items() if name not in ("_id", "words")}
    return ConsentText(**fields, words={one["language"]: (one["title"], one["text"]) for one in found["words"]})


def _consent(found: Document) -> Consent:
    fields = {name: value for name, value in found.items() if name not in ("_id", "answers")}
    return Consent(**fields, id=found["_id"], answers=tuple(Answer(**one) for one in found["answers"]))

"""Mails that wait, and the trail of those that went: `due_at` is there as long as something is left to do.

All times are the database's clock: two senders need not agree on theirs.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument

from services.notifications.domain.copies import Recipient
from services.notifications.domain.messages import Mail
from services.notifications.store.messages import CONTRACTS, insert_missing
from shared.mongo import Database, Document

# Longer than the mail server may take: a second sender must not start while the first still waits for the answer.
LEASE = timedelta(minutes=2)


class MailStore:
    """`wake` is called when there is something to send."""

    def __init__(self, db: Database, wake: Callable[[], None]) -> None:
        self._documents = db["messages"]
        self._wake = wake

    async def queue(self, mails: Sequence[Mail]) -> None:
        """Each mail once, however often its event is delivered."""
        if mails:
            await insert_missing(self._documents, [_document(mail) for mail in mails])
            self._wake()

    async def claim(self) -> Mail | None:
        """The mail that is due longest, ours until the lease lapses; one whose sender died is due again then."""
        found = await self._documents.find_one_and_update(
            {"due_at": {"$exists": True}, "$expr": {"$lte": ["$due_at", "$$NOW"]}},
            [
                {
                    "$set": {
                        "state": "claimed",
                        "due_at": _after(LEASE),
                        "attempts": {"$add": ["$attempts", 1]},
                        "claimed_at": "$$NOW",
                    }
                }
            ],
            sort=[("due_at", 1)],
            hint="due",
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _mail(found)

    async def mark_sent(self, mail: Mail) -> None:
        """Whoever sent it: what it said and to which address is forgotten, the code of an invitation with it."""
        await self._close(mail, {"state": "sent", "sent_at": "$$NOW"}, forget=["letter", "reason"])

    async def mark_refused(self, mail: Mail, reason: str) -> None:
        """Kept with its words and address, so that someone can look and send it again."""
        await self._close(mail, {"state": "refused", "reason": reason, "refused_at": "$$NOW"}, forget=[])

    async def _close(self, mail: Mail, state: dict[str, Any], forget: list[str]) -> None:
        steps: list[dict[str, Any]] = [{"$set": state}, {"$unset": ["due_at", "claimed_at", *forget]}]
        await self._documents.update_one({"_id": mail.id, "state": {"$ne": "sent"}}, steps)

    async def put_back(self, mail: Mail, pause: timedelta, reason: str) -> None:
        """Due again after the pause, unless someone else claimed it since."""
        ours = {"_id": mail.id, "state": "claimed", "attempts": mail.attempts}
        waiting = {"state": "pending", "due_at": _after(pause), "reason": reason}
        await self._documents.update_one(ours, [{"$set": waiting}, {"$unset": ["claimed_at"]}])


def _after(pause: timedelta) -> dict[str, Any]:
    return {"$add": ["$$NOW", int(pause.total_seconds() * 1000)]}


def _document(mail: Mail) -> Document:
    return {
        "_id": mail.id,
        "channel": "mail",
        "state": "pending",
        "attempts": 0,
        # In the past: due at once, oldest event first.
        "due_at": mail.told_at,
        "caused_by": mail.caused_by,
        "topic": mail.event.topic,
        "household_id": mail.household_id,
        "municipality_id": mail.municipality_id,
        "recipient_id": mail.recipient.id,
        "told_at": mail.told_at,
        "letter": {
            "address": mail.recipient.address,
            "name": mail.recipient.name,
            "language": mail.recipient.language,
            "event": mail.event.model_dump(mode="json"),
        },
    }


def _mail(found: Document) -> Mail:
    letter = found["letter"]
    return Mail(
        id=found["_id"],
        caused_by=found["caused_by"],
        household_id=found["household_id"],
        municipality_id=found["municipality_id"],
        recipient=Recipient(
            id=found["recipient_id"], address=letter["address"], name=letter["name"], language=letter["language"]
        ),
        event=CONTRACTS[found["topic"]].model_validate(letter["event"]),
        told_at=found["told_at"],
        attempts=found["attempts"],
    )

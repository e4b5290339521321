"""What waits to be carried, and the trail of what was: `due_at` is there as long as something is left to do.

All times of claims are the database's clock: two senders need not agree on theirs. What is part of a daily digest waits
without `due_at` (`gathered`), by the id of the digest's own mail, which is inserted before it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pymongo import ReturnDocument

from services.notifications.domain.digest import Digest
from services.notifications.domain.messages import Channel, Mail
from services.notifications.domain.quiet import after_quiet
from services.notifications.domain.return_paths import NO_RETURNS, ReturnPaths
from services.notifications.store.completing import Completing
from services.notifications.store.mail_documents import document_of, mail_of
from services.notifications.store.messages import insert_missing
from shared.clock import Clock, system_clock
from shared.mongo import Database, Document

# Longer than the mail server may take: a second sender must not start while the first still waits for the answer.
LEASE = timedelta(minutes=2)
# A mail that waits for ever for its server is tried twice a day: the trail keeps the latest.
MOST_TRIES = 20
UNREACHABLE = "address-unreachable"


class MailStore:
    """What goes by one channel. `wake` is called when there is something to send."""

    def __init__(
        self,
        db: Database,
        wake: Callable[[], None],
        *,
        channel: Channel = "mail",
        clock: Clock = system_clock,
        returns: ReturnPaths = NO_RETURNS,
    ) -> None:
        self._documents = db["messages"]
        self._completing = Completing(db)
        self._wake = wake
        self._channel = channel
        self._clock = clock
        self._returns = returns

    async def queue(self, mails: Sequence[Mail]) -> None:
        """Each once, however often its event is delivered; digests before what waits for them."""
        for some in ([mail for mail in mails if not mail.digest_id], [mail for mail in mails if mail.digest_id]):
            if some:
                await insert_missing(self._documents, [document_of(mail) for mail in some])
        if mails:
            self._wake()

    async def claim(self) -> Mail | None:
        """The mail that is due longest, ours until the lease lapses; one whose sender died is due again then."""
        while found := await self._claim_one():
            mail = await self._completing.whole(mail_of(found))
            if not isinstance(mail.event, Digest) or mail.event.entries:
                return mail
            # Sent and marked but for its own mark: nothing is left to say.
            await self.mark_sent(mail)
        return None

    async def _claim_one(self) -> Document | None:
        steps = {
            "state": "claimed",
            "due_at": _after(LEASE),
            "attempts": {"$add": ["$attempts", 1]},
            "claimed_at": "$$NOW",
        }
        found: Document | None = await self._documents.find_one_and_update(
            {"channel": self._channel, "due_at": {"$exists": True}, "$expr": {"$lte": ["$due_at", "$$NOW"]}},
            [{"$set": steps}],
            sort=[("due_at", 1)],
            hint="due_by_channel",
            return_document=ReturnDocument.AFTER,
        )
        return found

    async def mark_sent(self, mail: Mail) -> None:
        """Whoever sent it: what it said and to which address is forgotten, the code of an invitation with it."""
        state = {"state": "sent", "sent_at": "$$NOW", **self._way_back(mail)}
        await self._close(mail, state, _tried("sent"), forget=["letter", "reason"])

    def _way_back(self, mail: Mail) -> dict[str, str]:
        """What a mail that comes back is known by: neither says an address."""
        if not self._returns:
            return {}
        key = self._returns.address_key(mail.recipient.address)
        return {"ref": self._returns.reference(mail.id), "address_key": key}

    async def mark_unreachable(self, mail: Mail) -> None:
        """Not even tried: mail does not reach its address. What it said is forgotten."""
        state = {"state": "refused", "reason": UNREACHABLE, "refused_at": "$$NOW"}
        await self._close(mail, state, _tried("refused", UNREACHABLE), forget=["letter"])

    async def mark_refused(self, mail: Mail, reason: str) -> None:
        """Kept with its words and address, so that someone can look and send it again."""
        state = {"state": "refused", "reason": reason, "refused_at": "$$NOW"}
        await self._close(mail, state, _tried("refused", reason), forget=[])

    async def mark_expired(self, mail: Mail) -> None:
        """Too old to be of use; what it said is forgotten."""
        state = {"state": "expired", "expired_at": "$$NOW"}
        await self._close(mail, state, _tried("expired"), forget=["letter", "reason"])

    async def _close(self, mail: Mail, state: dict[str, Any], tried: dict[str, Any], forget: list[str]) -> None:
        steps: list[dict[str, Any]] = [
            {"$set": {**state, **tried}},
            {"$unset": ["due_at", "claimed_at", *forget]},
        ]
        if isinstance(mail.event, Digest):
            held = {"_id": {"$in": list(mail.event.entry_ids)}, "state": "gathered"}
            await self._documents.update_many(held, steps)
        await self._documents.update_one({"_id": mail.id, "state": {"$ne": "sent"}}, steps)

    async def put_back(self, mail: Mail, pause: timedelta, reason: str) -> None:
        """Due again after the pause and the reader's quiet hours, unless someone else claimed it since."""
        ours = {"_id": mail.id, "state": "claimed", "attempts": mail.attempts}
        waiting = {"state": "pending", "due_at": _after(self._quietly(mail, pause)), "reason": reason}
        tried = _tried("put_back", reason)
        await self._documents.update_one(ours, [{"$set": {**waiting, **tried}}, {"$unset": ["claimed_at"]}])

    def _quietly(self, mail: Mail, pause: timedelta) -> timedelta:
        now = self._clock()
        return after_quiet(mail.quiet, now + pause, ZoneInfo(mail.time_zone)) - now


def _after(pause: timedelta) -> dict[str, Any]:
    return {"$add": ["$$NOW", int(pause.total_seconds() * 1000)]}


def _tried(outcome: str, reason: str = "") -> dict[str, Any]:
    """One more line of the trail: when, what became of it, and why; codes only."""
    line = {"at": "$$NOW", "outcome": outcome, "reason": reason}
    return {"tries": {"$slice": [{"$concatArrays": [{"$ifNull": ["$tries", []]}, [line]]}, -MOST_TRIES]}}

"""What must hold on live data: each check returns one line per thing that breaks it, identifiers only."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.mongo import Database

STUCK_MS = 10 * 60 * 1000


async def mails_stuck_claimed(db: Database) -> list[str]:
    """A claim lasts two minutes, then any sender may take the mail again: after ten nobody is sending."""
    long_ago = {"$expr": {"$lt": ["$claimed_at", {"$subtract": ["$$NOW", STUCK_MS]}]}}
    found = db["messages"].find({"state": "claimed", **long_ago}, {"_id": 1})
    return [f"mail {one['_id']} is claimed since more than ten minutes" async for one in found]


async def messages_told_twice(db: Database) -> list[str]:
    """One message per event, channel and recipient."""
    recipient = {"$ifNull": ["$recipient_id", "$household_id"]}
    key = {"caused_by": "$caused_by", "channel": "$channel", "recipient": recipient}
    steps: list[dict[str, Any]] = [
        {"$group": {"_id": key, "messages": {"$sum": 1}}},
        {"$match": {"messages": {"$gt": 1}}},
    ]
    return [
        f"event {one['_id']['caused_by']} made {one['messages']} messages by {one['_id']['channel']}"
        async for one in db["messages"].aggregate(steps, allowDiskUse=True)
    ]


async def sent_mails_with_words(db: Database) -> list[str]:
    """A mail that went keeps its trail only: no code, no address, no file."""
    found = db["messages"].find({"state": "sent", "letter": {"$exists": True}}, {"_id": 1})
    return [f"mail {one['_id']} is sent and still has its words" async for one in found]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no mail is claimed for more than ten minutes": mails_stuck_claimed,
    "no event makes two messages for one recipient and channel": messages_told_twice,
    "a sent mail keeps no words and no address": sent_mails_with_words,
}

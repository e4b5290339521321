"""What must hold on live data: each check returns one line per thing that breaks it, identifiers only."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from services.notifications.domain.topics import TOPICS
from services.notifications.store.news_invariants import NEWS_INVARIANTS
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


async def bounces_without_trail(db: Database) -> list[str]:
    """A mail that came back says so on its trail, and keeps neither words nor address."""
    found = db["messages"].find(
        {"state": "bounced", "$or": [{"letter": {"$exists": True}}, {"tries.outcome": {"$ne": "bounced"}}]}, {"_id": 1}
    )
    return [f"mail {one['_id']} came back and its trail does not say so" async for one in found]


async def addresses_held_without_reason(db: Database) -> list[str]:
    """No mail goes to an address only when mails came back from there."""
    found = db["troubled_addresses"].find(
        {"since": {"$ne": None}, "$or": [{"failures": []}, {"reason": None}]}, {"_id": 1}
    )
    return [f"address {one['_id']} gets no mail and nobody knows why" async for one in found]


async def lost_for_their_summary(db: Database) -> list[str]:
    """What waits for a daily summary is named by one that waits too."""
    steps: list[dict[str, Any]] = [
        {"$match": {"digest": {"$exists": True}, "state": "gathered"}},
        {"$lookup": {"from": "messages", "localField": "digest", "foreignField": "_id", "as": "summary"}},
        {"$match": {"summary.state": {"$nin": ["pending", "claimed"]}}},
        {"$project": {"_id": 1}},
    ]
    return [f"mail {one['_id']} waits for a summary that does not" async for one in db["messages"].aggregate(steps)]


async def mandatory_topics_turned_off(db: Database) -> list[str]:
    """Nobody turned both mail and inbox off for what they must be told."""
    topics = [code for code, topic in TOPICS.items() if topic.mandatory]
    off = [{f"choices.{code}.mail": False, f"choices.{code}.inbox": False} for code in topics]
    found = db["preferences"].find({"$or": off}, {"_id": 1})
    return [f"person {one['_id']} is told nothing of what must be told" async for one in found]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "no mail is claimed for more than ten minutes": mails_stuck_claimed,
    "no event makes two messages for one recipient and channel": messages_told_twice,
    "a sent mail keeps no words and no address": sent_mails_with_words,
    "what waits for a daily summary has one": lost_for_their_summary,
    "what must be told is turned off by nobody": mandatory_topics_turned_off,
    **NEWS_INVARIANTS,
    "a mail that came back says so and keeps no words": bounces_without_trail,
    "an address without mail has a reason": addresses_held_without_reason,
}

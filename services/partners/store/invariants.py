"""What must hold on live data: each check returns one line per thing that breaks it, identifiers only."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from shared.mongo import Database

STUCK_MS = 10 * 60 * 1000


async def gaps_in_the_log(db: Database) -> list[str]:
    """As many events of a town as positions between its first and its last."""
    group: dict[str, Any] = {
        "_id": "$municipality_id",
        "first": {"$min": "$position"},
        "last": {"$max": "$position"},
        "events": {"$sum": 1},
    }
    return [
        f"{one['_id']}: {one['events']} events at positions {one['first']} to {one['last']}"
        async for one in db["log"].aggregate([{"$group": group}], allowDiskUse=True)
        if one["last"] - one["first"] + 1 != one["events"]
    ]


async def feeds_without_subscription(db: Database) -> list[str]:
    served = {one["_id"] async for one in db["feeds"].find({}, {"_id": 1})}
    live = {one["_id"] async for one in db["subscriptions"].find({"state": {"$ne": "ended"}}, {"_id": 1})}
    return [f"{subscription_id} is ended or gone, and still served" for subscription_id in sorted(served - live)]


async def pushed_without_feed(db: Database) -> list[str]:
    pushed = {"kind": {"$ne": "none"}, "state": {"$in": ["active", "paused"]}}
    wanted = {one["_id"] async for one in db["subscriptions"].find(pushed, {"_id": 1})}
    served = {one["_id"] async for one in db["feeds"].find({}, {"_id": 1})}
    return [f"{subscription_id} has no place in the log" for subscription_id in sorted(wanted - served)]


async def webhooks_without_secret(db: Database) -> list[str]:
    """What is pushed to is signed; what is ended keeps no secret."""
    wanted = {"kind": "webhook", "state": {"$in": ["active", "paused"]}}
    live = {one["_id"] async for one in db["subscriptions"].find(wanted, {"_id": 1})}
    kept = {one["_id"] async for one in db["webhooks"].find({"secrets.0": {"$exists": True}}, {"_id": 1})}
    closing = {one["_id"] async for one in db["subscriptions"].find({"closing": True}, {"_id": 1})}
    opening = {one["_id"] async for one in db["subscriptions"].find({"state": "opening"}, {"_id": 1})}
    unsigned = [f"{subscription_id} has nothing to sign with" for subscription_id in sorted(live - kept)]
    return unsigned + [f"{one} is ended and keeps its secrets" for one in sorted(kept - live - closing - opening)]


async def deliveries_stuck(db: Database) -> list[str]:
    """What was due ten minutes ago was tried: unless its webhook is paused, down, or ended."""
    resting = {one["_id"] async for one in db["subscriptions"].find({"state": {"$ne": "active"}}, {"_id": 1})}
    down = {one["_id"] async for one in db["webhooks"].find({"failures": {"$gt": 0}}, {"_id": 1})}
    key = {"subscription_id": "$subscription_id", "subject": "$subject"}
    steps: list[dict[str, Any]] = [
        {"$match": {"state": "waiting", "subscription_id": {"$nin": sorted(resting | down)}}},
        {"$sort": {"position": 1}},
        # What waits behind an earlier event of its subject is not late by itself.
        {"$group": {"_id": key, "first": {"$first": "$_id"}, "due_at": {"$first": "$due_at"}}},
        {"$match": {"$expr": {"$lt": ["$due_at", {"$subtract": ["$$NOW", STUCK_MS]}]}}},
    ]
    found = db["deliveries"].aggregate(steps, allowDiskUse=True)
    return [f"delivery {one['first']} is due for more than ten minutes" async for one in found]


INVARIANTS: Mapping[str, Callable[[Database], Awaitable[list[str]]]] = {
    "the event log of a town has no gap": gaps_in_the_log,
    "no ended subscription is served": feeds_without_subscription,
    "every subscription that is pushed to has its place in the log": pushed_without_feed,
    "every webhook can be signed, and no ended one": webhooks_without_secret,
    "no event due for a webhook is left alone": deliveries_stuck,
}

"""What every database holds, so that a test can say that nothing changed."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import json_util

from services.billing.app.loops import LOOPS
from shared.mongo import Database
from tests.journeys.clock import eventually
from tests.journeys.town import Preau

# Counters of attempts, leases, what a sender is at work on, how far a cancellation by the town is, what kitchens are
# told at their hour, what is sealed, what partners' endpoints were sent and took, and the log of all that is told
# change without anybody's request having succeeded.
VOLATILE = frozenset(
    {
        "allowances",
        "chains",
        "deliveries",
        "disruptions",
        "feeds",
        "floors",
        "guard_rounds",
        "journal",
        "leases",
        "log",
        "meal_orders",
        "reading",
        "reminder_rounds",
        "schema",
        "webhooks",
    }
)
# What waits to be told or sealed, and whether the till has entered it.
CARRIED = frozenset({"outbox", "unsealed", "in_books", "dues_opened"})
Contents = Mapping[str, str]


_READ: dict[tuple[str, str], tuple[str, Mapping[str, str]]] = {}
"""By database and collection: the hash it had when it was read, and what stood in it."""
_AT_REST: dict[str, tuple[datetime, Mapping[str, str]]] = {}
"""By database of billing: when its steps were last taken, and what they left."""


async def contents(preau: Preau, about: str = "") -> Contents:
    """Every document as text, of those that mention `about`; what waits to be sent and mails under way are left out."""
    await _at_rest(preau)
    found: dict[str, str] = {}
    for service, db in preau.databases.items():
        for name, kept in (await _kept(db)).items():
            found |= {f"{service}.{name} {key}": text for key, text in kept.items() if about in text}
    return found


def changes(before: Contents, after: Contents) -> Mapping[str, tuple[str | None, str | None]]:
    """By document, what it was and what it is; None where there was or is none."""
    names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return {name: (before.get(name), after.get(name)) for name in sorted(names)}


async def _at_rest(preau: Preau) -> None:
    """Once nothing told or begun by an earlier call is under way, and billing's steps have nothing left to do: a step
    that comes by itself in the midst of a test would be taken for what the test's calls did.
    """
    while True:
        await preau.quiet()
        while not await _idle(preau):
            await eventually("the end of what was begun", lambda: _idle(preau))
            # What ended just now is still being heard of.
            await preau.quiet()
        standing = (preau.clock(), await _hashes(preau.databases["billing"]))
        if _AT_REST.get(preau.databases["billing"].name) == standing:
            return
        for loop in preau.apps["billing"][LOOPS]:
            await loop.take()
        _AT_REST[preau.databases["billing"].name] = (preau.clock(), await _hashes(preau.databases["billing"]))


async def _idle(preau: Preau) -> bool:
    looks = (_none_under_way, _none_simulated, _none_unprinted, _none_unpriced, _none_disrupted)
    return all(await asyncio.gather(*(look(preau) for look in looks)))


async def _hashes(db: Database) -> Mapping[str, str]:
    """The database's own hash of every collection that only a request changes."""
    hashes: Mapping[str, str] = (await db.command("dbHash"))["collections"]
    return {name: now for name, now in hashes.items() if name not in VOLATILE}


async def _kept(db: Database) -> dict[str, Mapping[str, str]]:
    """Every document of every collection, read again only where the database's own hash says that something changed."""
    hashes = await _hashes(db)
    for name, now in hashes.items():
        if _READ.get((db.name, name), ("",))[0] != now:
            _READ[db.name, name] = (now, await _read(db, name))
    return {name: _READ[db.name, name][1] for name in hashes}


async def _read(db: Database, name: str) -> Mapping[str, str]:
    documents = await db[name].find({"channel": {"$ne": "mail"}}).to_list(None)
    return {str(document["_id"]): _text(document) for document in documents}


async def _none_under_way(preau: Preau) -> bool:
    """An erasure asked by an earlier test is done once every service has answered, some by a job of theirs."""
    return not await preau.databases["identity"]["erasures"].count_documents({"done_at": None})


async def _none_simulated(preau: Preau) -> bool:
    return not await preau.databases["reservations"]["simulations"].count_documents({"state": {"$ne": "done"}})


async def _none_unprinted(preau: Preau) -> bool:
    """A credit note issued by an earlier call is printed a moment later."""
    return not await preau.databases["billing"]["invoices"].count_documents({"documented": False})


async def _none_unpriced(preau: Preau) -> bool:
    """A tariff or quotient imported by an earlier call is spread over its families a moment later."""
    billing, today = preau.databases["billing"], preau.clock().date().isoformat()
    due = {"reprice_on": {"$lte": today}, "household_id": {"$type": "string"}}
    waiting = (billing["tariffs"].count_documents({"spread": False}), billing["families"].count_documents(due))
    return not any(await asyncio.gather(*waiting))


async def _none_disrupted(preau: Preau) -> bool:
    """Days an earlier call called off, or gave back, are closed and opened step by step."""
    going = {"state": {"$in": ["cancelling", "telling", "restoring"]}}
    return not await preau.databases["reservations"]["disruptions"].count_documents(going)


def _text(document: Mapping[str, Any]) -> str:
    return json_util.dumps({key: value for key, value in document.items() if key not in CARRIED}, sort_keys=True)

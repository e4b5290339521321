"""What every database holds, so that a test can say that nothing changed."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bson import json_util

from tests.journeys.clock import eventually
from tests.journeys.town import Preau

# Counters of attempts, leases, what a sender is at work on, how far a cancellation by the town is and what kitchens are
# told at their hour change without anybody's request having succeeded.
VOLATILE = frozenset({"allowances", "disruptions", "guard_rounds", "leases", "meal_orders", "schema"})
Contents = Mapping[str, str]


async def contents(preau: Preau, about: str = "") -> Contents:
    """A digest per document, of those that mention `about`; what waits to be sent and mails under way are left out."""
    await preau.quiet()
    await eventually("the end of erasures", lambda: _none_under_way(preau))
    await eventually("the end of simulations", lambda: _none_simulated(preau))
    # What ended just now is still being heard of.
    await preau.quiet()
    found: dict[str, str] = {}
    for service, db in preau.databases.items():
        for name in await db.list_collection_names():
            if name in VOLATILE or name.startswith("system."):
                continue
            async for document in db[name].find({}):
                if document.get("channel") != "mail" and about in (text := _text(document)):
                    found[f"{service}.{name} {document['_id']}"] = hashlib.sha256(text.encode()).hexdigest()
    return found


async def _none_under_way(preau: Preau) -> bool:
    """An erasure asked by an earlier test is done once every service has answered, some by a job of theirs."""
    return not await preau.databases["identity"]["erasures"].count_documents({"done_at": None})


async def _none_simulated(preau: Preau) -> bool:
    return not await preau.databases["reservations"]["simulations"].count_documents({"state": {"$ne": "done"}})


def _text(document: Mapping[str, Any]) -> str:
    return json_util.dumps({key: value for key, value in document.items() if key != "outbox"}, sort_keys=True)

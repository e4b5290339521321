"""Several documents changed together or not at all, tried again when another was faster."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from shared.errors import Conflict
from shared.mongo import Client, Collection

T = TypeVar("T")
Session: TypeAlias = AsyncIOMotorClientSession
TRIES = 8
LONGEST_PAUSE = 0.05


async def atomically(client: Client, act: Callable[[Session], Awaitable[T]]) -> T:
    """What `act` returns, committed. Raises what it raises, and `Conflict` when others were always faster."""
    for _ in range(TRIES):
        try:
            async with (
                await client.start_session() as session,
                session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")),
            ):
                done = await act(session)
        except PyMongoError as error:
            if not error.has_error_label("TransientTransactionError"):
                raise
        else:
            return done
        await asyncio.sleep(random.uniform(0, LONGEST_PAUSE))  # noqa: S311  # spreads retries, guards nothing
    raise Conflict()


async def next_position(counters: Collection, series: str, session: Session, count: int = 1) -> int:
    """From 1, without a gap: the first of `count` positions, taken only if the whole transaction is."""
    counter: Any = await counters.find_one_and_update(
        {"_id": series}, {"$inc": {"last": count}}, upsert=True, return_document=ReturnDocument.AFTER, session=session
    )
    return int(counter["last"]) - count + 1

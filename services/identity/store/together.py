"""Several documents of one family changed together or not at all: nobody else contends for them."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from pymongo import WriteConcern
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.store.accounts import account_write
from services.identity.store.family_files import file_write
from services.identity.store.households import household_write
from services.identity.store.writes import Duplicate, Write, write_all
from shared.contracts import Event
from shared.errors import Conflict, Refused, Unavailable
from shared.mongo import Database

# Collection, what to write, and what it means when one of its keys is taken.
Part: TypeAlias = tuple[str, Write, type[Refused]]
TRIES = 5
FIRST_PAUSE = 0.02


class FamilyWrites:
    """Changes of a family that touch more than its household: a file, an account, or both."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._db = db
        self._wake = wake

    async def save(
        self,
        *,
        at: datetime,
        municipality_id: str = "",
        file: FamilyFile | None = None,
        household: tuple[Household, Sequence[Event]] | None = None,
        account: tuple[Account, Sequence[Event]] | None = None,
    ) -> None:
        """All or nothing. Raises `Conflict` when one of them changed meanwhile, `AccountExists`, `Unavailable`."""
        parts: list[Part] = []
        if file:
            parts.append(("family_files", file_write(file, municipality_id, at), Conflict))
        if household:
            parts.append(("households", household_write(household[0], municipality_id, at, household[1]), Conflict))
        if account:
            parts.append(("accounts", account_write(account[0], municipality_id, at, account[1]), AccountExists))
        await write_together(self._db, parts)
        self._wake("households")
        self._wake("accounts")


async def write_together(db: Database, parts: Sequence[Part]) -> None:
    """In one transaction, tried again when it met another. Raises `Conflict`, what a part says, `Unavailable`."""
    for attempt in range(TRIES):
        try:
            return await _once(db, parts)
        except OperationFailure as error:
            if not error.has_error_label("TransientTransactionError"):
                raise
        await asyncio.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))  # noqa: S311  # a pause, no secret
    raise Unavailable()


async def _once(db: Database, parts: Sequence[Part]) -> None:
    async with (
        await db.client.start_session() as session,
        session.start_transaction(
            read_concern=ReadConcern("majority"), write_concern=WriteConcern(w="majority", wtimeout=5_000)
        ),
    ):
        for name, write, when_taken in parts:
            try:
                await write_all(db[name], [write], session=session)
            except Duplicate:
                raise when_taken() from None

"""Admitting a family: its file, its household and its account change together or not at all."""

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
from shared.errors import Conflict, Unavailable
from shared.mongo import Database

TakenAs: TypeAlias = type[Conflict] | type[AccountExists]
TRIES = 5
FIRST_PAUSE = 0.02


class AdmissionStore:
    """The one place that writes several documents: they belong to one family, so nobody else contends for them."""

    def __init__(self, db: Database, wake: Callable[[str], None]) -> None:
        self._db = db
        self._wake = wake

    async def admit(
        self,
        file: FamilyFile,
        household: Household,
        account: Account | None,
        *,
        of_household: Sequence[Event],
        of_account: Sequence[Event],
        at: datetime,
    ) -> None:
        """All or nothing. Raises `Conflict` when one of them changed meanwhile, `AccountExists`, `Unavailable`."""
        town = file.municipality_id
        # The file first: a second use of the code stops there.
        writes: list[tuple[str, Write, TakenAs]] = [
            ("family_files", file_write(file, town, at), Conflict),
            ("households", household_write(household, town, at, of_household), Conflict),
        ]
        if account:
            writes.append(("accounts", account_write(account, town, at, of_account), AccountExists))
        await self._retried(writes)
        self._wake("households")
        self._wake("accounts")

    async def _retried(self, writes: Sequence[tuple[str, Write, TakenAs]]) -> None:
        for attempt in range(TRIES):
            try:
                return await self._together(writes)
            except OperationFailure as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
            await asyncio.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))  # noqa: S311  # a pause, no secret
        raise Unavailable()

    async def _together(self, writes: Sequence[tuple[str, Write, TakenAs]]) -> None:
        async with (
            await self._db.client.start_session() as session,
            session.start_transaction(
                read_concern=ReadConcern("majority"), write_concern=WriteConcern(w="majority", wtimeout=5_000)
            ),
        ):
            for name, write, when_taken in writes:
                try:
                    await write_all(self._db[name], [write], session=session)
                except Duplicate:
                    raise when_taken() from None

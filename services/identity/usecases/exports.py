"""A guardian asks for everything about the household; the services' pieces arrive; the archive is ready."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.exports import SAME_AGAIN, Export
from services.identity.domain.households import Household
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.privacy import ExportAsked, ExportedFile, ExportPartGiven
from shared.ids import new_id


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...
    async def merged_into(self, household_id: str) -> tuple[str, ...]: ...


class Exports(Protocol):
    async def add(self, export: Export, event: Event) -> None: ...
    async def of_account(self, account_id: str, household_id: str) -> list[Export]: ...
    async def put_piece(self, piece: ExportPartGiven, content: bytes, now: datetime) -> bool: ...
    async def note_answer(self, export_id: str, service: str, files: Sequence[ExportedFile]) -> None: ...
    async def waiting(self, export_id: str) -> Export | None: ...
    async def has_all(self, export: Export) -> bool: ...
    async def finish(self, export: Export, events: Sequence[Event], now: datetime) -> None: ...


async def ask_export(
    account_id: str, household_id: str, *, households: Households, exports: Exports, clock: Clock
) -> Export:
    """Told to every service; asking again within the hour gives the one that is on its way. Raises `NotFound`."""
    now = clock()
    for known in await exports.of_account(account_id, household_id):
        if now - known.asked_at < SAME_AGAIN:
            return known
    household = await households.get(household_id)
    export = Export(
        id=new_id("exp"),
        household_id=household_id,
        account_id=account_id,
        municipality_ids=tuple(one.municipality_id for one in household.adhesions),
        asked_at=now,
    )
    asked = ExportAsked(
        export_id=export.id,
        household_id=household_id,
        account_id=account_id,
        municipality_ids=export.municipality_ids,
        former_ids=await households.merged_into(household_id),
    )
    await exports.add(export, asked)
    return export


async def gather_piece(told: Told[ExportPartGiven], *, exports: Exports, accounts: Accounts, clock: Clock) -> None:
    """Keep it; the last of all makes the archive ready, whichever it is. Pieces nobody waits for are dropped."""
    piece = told.event
    if piece.last:
        await exports.note_answer(piece.export_id, piece.service, piece.files)
    elif not await exports.put_piece(piece, base64.b64decode(piece.content, validate=True), clock()):
        return
    export = await exports.waiting(piece.export_id)
    if export is None or not export.answered or not await exports.has_all(export):
        return
    account = await accounts.by_id(export.account_id)
    if account is not None:
        now = clock()
        ready = export.ready_told(email=account.email, addressee=account.name, language=account.language, now=now)
        await exports.finish(export, [ready], now)

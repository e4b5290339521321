"""A proof that was accepted counts no more: its days are again what they were before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.reservations.domain.excuses import unproven
from services.reservations.domain.sheet import Change, Sheet, SheetKey, month_of
from services.reservations.domain.town import Town
from services.reservations.usecases.write_lines import TRIES
from shared.clock import Clock
from shared.contracts.requests import RequestAnswered
from shared.errors import Conflict

AROUND = timedelta(days=366)
"""How far from the day it was filed a proof can have been about."""


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Sheets(Protocol):
    async def of_household(self, household_id: str, first_month: str, last_month: str) -> list[Sheet]: ...
    async def get(self, key: SheetKey) -> Sheet: ...
    async def write(self, sheet: Sheet, change: Change, *, now: datetime) -> None: ...


@dataclass(frozen=True)
class Records:
    """Where absences are looked up. `alert` tells the operators, in identifiers only."""

    catalogue: Towns
    sheets: Sheets
    clock: Clock
    alert: Callable[..., None]


async def take_back(event: RequestAnswered, records: Records) -> None:
    """Months that are closed stay as they are: operators are told. Raises `Conflict`."""
    around = (event.filed_at or records.clock()).date()
    months = month_of(around - AROUND), month_of(around + AROUND)
    for sheet in await records.sheets.of_household(event.household_id, *months):
        if not any(entry.proof == event.request_id for entry in sheet.days.values()):
            continue
        if sheet.closed:
            records.alert("absence_unproven_after_closing", request_id=event.request_id, sheet_id=sheet.id)
        else:
            await _write(sheet, event.request_id, records)


async def _write(sheet: Sheet, request_id: str, records: Records) -> None:
    town = await records.catalogue.town(sheet.key.municipality_id)
    programme = town.programme(sheet.key.programme_id)
    for _ in range(TRIES):
        change = unproven(sheet, programme, request_id=request_id)
        if not change.cells:
            return
        try:
            await records.sheets.write(sheet, change, now=records.clock())
        except Conflict:
            sheet = await records.sheets.get(sheet.key)
            continue
        return
    raise Conflict()

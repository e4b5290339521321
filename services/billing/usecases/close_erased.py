"""A closed sheet of a household that was erased: taken while its closing waits for it, never brought back."""

from collections.abc import Callable
from typing import Protocol

from services.billing.usecases.charge import Sheets, close_sheet
from services.billing.usecases.tariffs.pricing import PriceBook
from shared.contracts import Told
from shared.contracts.reservations import SheetClosed
from shared.privacy import Tombstones, is_from_before_erasure


class Closings(Protocol):
    async def is_complete(self, municipality_id: str, closing_id: str) -> bool: ...


async def close_sheet_unless_erased(
    told: Told[SheetClosed],
    *,
    tombstones: Tombstones,
    closings: Closings,
    sheets: Sheets,
    book: PriceBook,
    nudge_runs: Callable[[], None],
) -> None:
    """The town's invoices wait until every sheet of a closing is there: only a sheet told again may be left out."""
    if await is_from_before_erasure(told, tombstones):
        event = told.event
        if await closings.is_complete(event.municipality_id, event.closing_id):
            return
    await close_sheet(told, sheets=sheets, book=book, nudge_runs=nudge_runs)

"""Which months are closed, and which run each closing belongs to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from services.billing.domain.runs import Closing, Run, collected_after, run_id
from services.billing.usecases.months.desk import LOOK_AGAIN, Desk
from shared import context
from shared.contracts import Told
from shared.contracts.reservations import MonthClosed
from shared.contracts.reservations_of_months import MonthReopened
from shared.errors import Conflict

TRIES = 5


class Closings(Protocol):
    async def add(self, closing: Closing) -> None: ...
    async def take_back(self, closing: Closing) -> None: ...


async def close_month(told: Told[MonthClosed], *, closings: Closings, nudge_runs: Callable[[], None]) -> None:
    event = told.event
    await closings.add(
        Closing(
            id=event.closing_id,
            municipality_id=event.municipality_id,
            programme_id=event.programme_id,
            month=event.month,
            sheets=event.sheets,
            correlation_id=context.correlation_id.get(),
        )
    )
    nudge_runs()


async def reopen_month(told: Told[MonthReopened], *, closings: Closings) -> None:
    """Nothing of the month is drafted until it is closed anew; what is issued stays, and is corrected then."""
    event = told.event
    await closings.take_back(
        Closing(
            id=event.closing_id,
            municipality_id=event.municipality_id,
            programme_id=event.programme_id,
            month=event.month,
            sheets=0,
        )
    )


async def complete_closings(desk: Desk) -> None:
    """Closings whose sheets have all arrived; each opens a run of its cash office or has one drafted anew."""
    for closing in await desk.closings.incomplete():
        arrived = await desk.sheets.count_closed(closing.municipality_id, closing.id)
        if arrived >= closing.sheets or closing.reopened:
            opened = await _run_of(closing, desk)
            await desk.closings.complete(replace(closing, complete=True, run_id=opened))


async def _run_of(closing: Closing, desk: Desk) -> str | None:
    """The run that takes the closing in; None when no cash office has anything to do with it."""
    tariff = await desk.tariffs.of(closing.municipality_id)
    office = tariff.office_of(closing.programme_id)
    programmes = await desk.copies.programmes(closing.municipality_id)
    if office is None or closing.reopened:
        return None
    if closing.programme_id not in collected_after(office, programmes) and not await _leaves_something(closing, desk):
        return None
    for _ in range(TRIES):
        latest = await desk.runs.latest(closing.municipality_id, office.id, closing.month)
        if latest and await desk.runs.wake(closing.municipality_id, latest.id, desk.clock()):
            return latest.id
        number = latest.number + 1 if latest else 1
        await desk.runs.add(_new_run(closing, office.id, number, desk))
    raise Conflict()


def _new_run(closing: Closing, cash_office_id: str, number: int, desk: Desk) -> Run:
    return Run(
        id=run_id(cash_office_id, closing.month, number),
        municipality_id=closing.municipality_id,
        cash_office_id=cash_office_id,
        month=closing.month,
        number=number,
        next_at=desk.clock() + LOOK_AGAIN,
        correlation_id=closing.correlation_id,
    )


async def _leaves_something(closing: Closing, desk: Desk) -> bool:
    """Whether days of a prepaid programme are left to the month's end: came unbooked, or excused after all."""
    async for sheet in desk.sheets.of_closing(closing.municipality_id, closing.id):
        if any(sheet.owed(line) or line.late_price or sheet.refundable(line) for line in sheet.lines):
            return True
    return False

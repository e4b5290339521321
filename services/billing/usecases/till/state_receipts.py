"""Make the receipts statement of a cash office and period."""

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Protocol

from services.billing.domain.till.statement import (
    Age,
    Effect,
    Row,
    Statement,
    TakenBy,
    Tally,
    by_code,
    owed_of,
    summed,
    sums_of,
)


class Statements(Protocol):
    async def by_mode(self, cash_office_id: str, start: date, end: date) -> TakenBy: ...
    async def by_activity(self, cash_office_id: str, start: date, end: date) -> TakenBy: ...
    async def effects(self, cash_office_id: str, start: date | None, end: date) -> list[Effect]: ...
    async def unpaid(self, cash_office_id: str, today: date) -> tuple[Age, ...]: ...
    def rows(self, cash_office_id: str, start: date, end: date, size: int) -> AsyncIterator[list[Row]]: ...


async def tallied(
    tally: Tally,
    cash_office_id: str,
    start: date,
    end: date,
    *,
    today: date,
    code_of: Callable[[str], str],
    statements: Statements,
) -> Statement:
    """The same, of rows that were counted as they went by."""
    return await _stated(tally.modes, tally.activities, cash_office_id, start, end, today, code_of, statements)


async def state_receipts(
    cash_office_id: str,
    start: date,
    end: date,
    *,
    today: date,
    code_of: Callable[[str], str],
    statements: Statements,
) -> Statement:
    """What was taken from `start` to `end`, and what families owed before and after; `unpaid` is of today."""
    by_means = await statements.by_mode(cash_office_id, start, end)
    by_activity = await statements.by_activity(cash_office_id, start, end)
    return await _stated(by_means, by_activity, cash_office_id, start, end, today, code_of, statements)


async def _stated(  # what a statement is made of
    by_means: TakenBy,
    by_activity: TakenBy,
    cash_office_id: str,
    start: date,
    end: date,
    today: date,
    code_of: Callable[[str], str],
    statements: Statements,
) -> Statement:
    modes, activities = sums_of(by_means), sums_of(by_activity)
    before = await statements.effects(cash_office_id, None, start - timedelta(days=1))
    within = await statements.effects(cash_office_id, start, end)
    return Statement(
        cash_office_id=cash_office_id,
        start=start,
        end=end,
        by_mode=modes,
        by_code=by_code(activities, summed("", modes), code_of),
        owed=owed_of(before, within),
        unpaid=await statements.unpaid(cash_office_id, today),
    )

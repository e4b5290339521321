"""Close the books of a cash office and day: from then on nothing is booked on it any more."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from services.billing.domain.copies import today_in
from services.billing.domain.till.journal import Chain, Close, Total, close_id
from services.billing.domain.till.refusals import DayClosed, DayNotOver
from services.billing.usecases.till.receive import MoneyTill, finish_receipts
from services.billing.usecases.till.seal import Sealer, seal_all
from shared.errors import Conflict


class Days(Protocol):
    async def close_until(self, cash_office_id: str, day: date) -> None: ...


class Closes(Protocol):
    async def close_of(self, name: str) -> Close | None: ...
    async def last_close(self, cash_office_id: str, before: date | None = None) -> Close | None: ...
    async def chain(self, cash_office_id: str, municipality_id: str) -> Chain: ...
    async def close_chain(self, chain: Chain, day: date) -> Chain: ...
    async def totals(self, cash_office_id: str, since: date | None, day: date) -> tuple[Total, ...]: ...
    async def add_close(self, close: Close) -> Close: ...


@dataclass(frozen=True, kw_only=True)
class Closing:
    municipality_id: str
    cash_office_id: str
    day: date
    by: str


async def close_day(asked: Closing, *, till: MoneyTill, sealer: Sealer, days: Days, closes: Closes) -> Close:
    """The day, closed, and every open one before it; closed before, as it was then.

    First no receipt can be booked on it any more, then what was is shared out and sealed, then the totals stand.
    Raises `DayNotOver`, `DayClosed` when a later day is closed already, `Conflict`.
    """
    name = close_id(asked.cash_office_id, asked.day)
    if known := await closes.close_of(name):
        return known
    now = till.clock()
    if asked.day > today_in(await till.copies.town(asked.municipality_id), now):
        raise DayNotOver()
    last = await closes.last_close(asked.cash_office_id)
    if last and last.day > asked.day:
        raise DayClosed(closed=last.day)
    await days.close_until(asked.cash_office_id, asked.day)
    while await finish_receipts(till):
        pass
    await seal_all(sealer)
    chain = await closes.close_chain(await closes.chain(asked.cash_office_id, asked.municipality_id), asked.day)
    since = last.day + timedelta(days=1) if last else None
    close = Close(
        id=name,
        municipality_id=asked.municipality_id,
        cash_office_id=asked.cash_office_id,
        since=since,
        day=asked.day,
        totals=await closes.totals(asked.cash_office_id, since, asked.day),
        seq=chain.seq,
        head=chain.hash,
        closed_at=now,
        closed_by=asked.by,
    )
    try:
        return await closes.add_close(close)
    except Conflict:
        # Two at once: the day has one close.
        return await closes.close_of(name) or close

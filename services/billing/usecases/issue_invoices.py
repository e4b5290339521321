"""Month's end: see which closings are whole, and issue a cash office's invoices once all its programmes are closed.

Every step may be cut off anywhere and done again: an invoice and its number are one commit, under a natural key.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from services.billing.domain.copies import Programme, Town, today_in
from services.billing.domain.invoices import Draft, Invoice, draft_of
from services.billing.domain.runs import Closing, Run, begin, collected_after, run_id
from services.billing.domain.sheets import ChargeSheet, priced, unpriced
from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.usecases.charge import Families, pricing_for
from shared import context
from shared.clock import Clock
from shared.contracts import Told
from shared.contracts.reservations import MonthClosed

# Another process takes a run over when its holder said nothing for so long.
HOLD = timedelta(minutes=1)
LOOK_AGAIN = timedelta(minutes=5)
RENEW_EVERY = 25


class Closings(Protocol):
    async def add(self, closing: Closing) -> None: ...
    async def incomplete(self) -> list[Closing]: ...
    async def complete(self, closing: Closing) -> None: ...
    async def closed_programmes(self, municipality_id: str, month: str) -> set[str]: ...


class Runs(Protocol):
    async def add(self, run: Run) -> None: ...
    async def wake(self, municipality_id: str, run_id: str, now: datetime) -> bool: ...
    async def take_due(self, now: datetime, hold: timedelta) -> Run | None: ...
    async def save(self, run: Run) -> Run: ...


class Sheets(Protocol):
    async def count_closed(self, municipality_id: str, closing_id: str) -> int: ...
    async def households(self, municipality_id: str, month: str, programme_ids: tuple[str, ...]) -> list[str]: ...
    async def closed(self, household_id: str, month: str, programme_ids: tuple[str, ...]) -> list[ChargeSheet]: ...
    async def save(self, sheet: ChargeSheet) -> ChargeSheet: ...


class Invoices(Protocol):
    async def issued(self, household_id: str, cash_office_id: str, month: str) -> Invoice | None: ...
    async def issue(self, draft: Draft) -> Invoice: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def programmes(self, municipality_id: str) -> list[Programme]: ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The parts of month's end. `alert` tells the operators, in identifiers only."""

    closings: Closings
    runs: Runs
    sheets: Sheets
    invoices: Invoices
    tariffs: Tariffs
    families: Families
    copies: Copies
    alert: Callable[..., None]
    clock: Clock


class _Unpriced(Exception):
    """A charged day no grid covers."""


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


async def complete_closings(desk: Desk) -> None:
    """Closings whose sheets have all arrived; each opens the run of its cash office or wakes it."""
    for closing in await desk.closings.incomplete():
        arrived = await desk.sheets.count_closed(closing.municipality_id, closing.id)
        if arrived >= closing.sheets:
            opened = await _open_run(closing, desk)
            await desk.closings.complete(replace(closing, complete=True, run_id=opened))
            if opened and not await desk.runs.wake(closing.municipality_id, opened, desk.clock()):
                # Its invoices are out: what this closing adds stands on none of them.
                desk.alert("closing_after_invoicing", closing_id=closing.id, run_id=opened)


async def _open_run(closing: Closing, desk: Desk) -> str | None:
    """The run of the cash office that invoices the programme; None when none does."""
    tariff = await desk.tariffs.of(closing.municipality_id)
    office = tariff.office_of(closing.programme_id)
    programmes = await desk.copies.programmes(closing.municipality_id)
    if office is None or closing.programme_id not in collected_after(office, programmes):
        return None
    name = run_id(office.id, closing.month)
    await desk.runs.add(
        Run(
            id=name,
            municipality_id=closing.municipality_id,
            cash_office_id=office.id,
            month=closing.month,
            next_at=desk.clock() + LOOK_AGAIN,
            correlation_id=closing.correlation_id,
        )
    )
    return name


async def advance_next_run(desk: Desk) -> Run | None:
    """Bring one run as far as it goes now; None when no run waits for it."""
    run = await desk.runs.take_due(desk.clock(), HOLD)
    if run is None:
        return None
    context.correlation_id.set(run.correlation_id)
    tariff = await desk.tariffs.of(run.municipality_id)
    office = tariff.office(run.cash_office_id)
    if office is None:
        return await desk.runs.save(replace(run, state="blocked", problem="cash office unknown", next_at=None))
    programmes = collected_after(office, await desk.copies.programmes(run.municipality_id))
    closed = await desk.closings.closed_programmes(run.municipality_id, run.month)
    if waiting := tuple(name for name in programmes if name not in closed):
        again = desk.clock() + LOOK_AGAIN
        return await desk.runs.save(replace(run, state="waiting", waiting_for=waiting, next_at=again))
    return await _issue_all(run, office, programmes, desk)


async def _issue_all(run: Run, office: CashOffice, programmes: tuple[str, ...], desk: Desk) -> Run:
    households = await desk.sheets.households(run.municipality_id, run.month, programmes)
    run = await desk.runs.save(begin(run, len(households), desk.clock()))
    issued_on = await _issue_date(run, desk)
    run = replace(run, issued=0, without_amount=0, total_cents=0)
    for at, household_id in enumerate(households, start=1):
        try:
            invoice = await _issue(household_id, run, office, programmes, issued_on, desk)
        except _Unpriced as missing:
            run = replace(run, problem=str(missing))
            continue
        run = _counted(run, invoice)
        if at % RENEW_EVERY == 0:
            run = await desk.runs.save(replace(run, next_at=desk.clock() + HOLD))
    return await desk.runs.save(_ended(run, desk.clock()))


async def _issue_date(run: Run, desk: Desk) -> date:
    """One date for the whole run, also when it is taken up again another day."""
    return today_in(await desk.copies.town(run.municipality_id), run.started_at or desk.clock())


def _counted(run: Run, invoice: Invoice | None) -> Run:
    if invoice is None:
        return replace(run, without_amount=run.without_amount + 1)
    return replace(run, issued=run.issued + 1, total_cents=run.total_cents + invoice.total_cents)


def _ended(run: Run, now: datetime) -> Run:
    if run.problem:
        return replace(run, state="blocked", next_at=now + LOOK_AGAIN)
    return replace(run, state="done", finished_at=now, next_at=None)


async def _issue(
    household_id: str, run: Run, office: CashOffice, programmes: tuple[str, ...], issued_on: date, desk: Desk
) -> Invoice | None:
    issued = await desk.invoices.issued(household_id, office.id, run.month)
    if issued:
        return issued
    sheets = await desk.sheets.closed(household_id, run.month, programmes)
    whole = [await _priced(sheet, desk) for sheet in sheets]
    draft = draft_of(whole, office, household_id=household_id, month=run.month, run_id=run.id, issued_on=issued_on)
    return await desk.invoices.issue(draft) if draft else None


async def _priced(sheet: ChargeSheet, desk: Desk) -> ChargeSheet:
    """The sheet with a price on every day it charges; one that was closed before its tariff gets its prices now."""
    if not unpriced(sheet):
        return sheet
    sheet = priced(sheet, await pricing_for(sheet.household_id, sheet.municipality_id, desk.tariffs, desk.families))
    if missing := unpriced(sheet):
        raise _Unpriced(f"no price for {missing[0].activity_id} on {missing[0].date}")
    return await desk.sheets.save(sheet)

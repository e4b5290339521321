"""Month's end on a real database: closings, runs, numbers without gaps whatever is cut off, papers."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.billing.app.work import Stores, book_of, desk_of, end_months, press_of
from services.billing.domain.invoices import Draft, Invoice
from services.billing.domain.papers.words import Unprintable
from services.billing.store import INVARIANTS
from services.billing.store.invariants import numbering_with_gaps
from services.billing.usecases.charge import close_sheet
from services.billing.usecases.import_tariff import import_tariff
from services.billing.usecases.months.advance import advance_next_run
from services.billing.usecases.months.closings import close_month, complete_closings
from services.billing.usecases.write_documents import write_documents
from shared.contracts.billing import InvoiceDocument, InvoiceIssued
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CARE,
    HOUSEHOLD_ID,
    LATE_CARE,
    LEISURE,
    MEAL,
    MONTH,
    OFFICE,
    OTHER_OFFICE,
    PROGRAMMES,
    TOWN_ID,
    draft,
    grid,
    month_closed,
    sheet_closed,
    with_quotients,
)
from tests.billing.telling import told_by

RUN = f"run_{OFFICE.id}_{MONTH}"


class PlainPrinter:
    """Prints the texts as they are."""

    async def print(self, texts: dict[str, Any]) -> bytes:
        return repr(texts).encode()


async def close(stores: Stores, *sheets: Any, programme_id: str = "", closing_id: str = "cls_1") -> None:
    """The sheets, then the closing that announces them."""
    for sheet in sheets:
        await close_sheet(sheet, sheets=stores.sheets, book=book_of(stores), nudge_runs=lambda: None)
    programme = programme_id or OFFICE.programmes[0]
    closing = month_closed(len(sheets), programme_id=programme, closing_id=closing_id)
    await close_month(closing, closings=stores.closings, nudge_runs=lambda: None)


async def families(stores: Stores, count: int) -> list[str]:
    """More families of quotient 500."""
    for number in range(count):
        family = with_quotients(("2026-01-01", "500"))
        await stores.families.save(
            replace(family, id=f"{TOWN_ID}/X{number}", reference=f"X{number}", household_id=f"hsh_{number}")
        )
    return [f"hsh_{number}" for number in range(count)]


async def run_of(stores: Stores, name: str = RUN) -> Any:
    return {run.id: run for run in await stores.runs.of_town(TOWN_ID)}.get(name)


async def broken(db: Database) -> list[str]:
    return [line for check in INVARIANTS.values() for line in await check(db)]


async def test_a_closed_month_issues_one_invoice_per_household(town: Stores, db: Database, clock: MovableClock) -> None:
    await close(town, sheet_closed(2, 3, 5), sheet_closed(2, child_id="chd_hugo"))

    await end_months(town, PlainPrinter(), clock)

    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert (invoice.number, invoice.total_cents) == ("F2026-000001", 4 * 415)
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 12, 1), date(2026, 12, 31))
    (event,) = await told_by(db, "invoices")
    assert isinstance(event, InvoiceIssued)
    assert (event.number, event.total_cents, event.month) == ("F2026-000001", 1660, MONTH)
    run = await run_of(town)
    assert (run.state, run.households, run.issued, run.total_cents) == ("done", 1, 1, 1660)
    assert await broken(db) == []


async def test_a_line_carries_its_days_and_their_trail(town: Stores, clock: MovableClock) -> None:
    await close(town, sheet_closed(2, 3))
    await end_months(town, PlainPrinter(), clock)

    (listed,) = await town.invoices.of_household(HOUSEHOLD_ID)
    whole = await town.invoices.get(HOUSEHOLD_ID, listed.id)

    assert whole is not None
    (line,) = whole.lines
    assert (line.activity_id, line.quantity) == (MEAL, 2)
    assert line.days[0].price.grid_id == f"{TOWN_ID}.repas"
    assert line.days[0].regulation_version == 1


async def test_nothing_is_issued_before_every_sheet_has_arrived(town: Stores, clock: MovableClock) -> None:
    await close_sheet(sheet_closed(2), sheets=town.sheets, book=book_of(town), nudge_runs=lambda: None)
    await close_month(month_closed(2), closings=town.closings, nudge_runs=lambda: None)

    await end_months(town, PlainPrinter(), clock)

    assert await town.invoices.of_household(HOUSEHOLD_ID) == []


async def test_a_closing_may_be_heard_before_its_sheets(town: Stores, clock: MovableClock) -> None:
    await close_month(month_closed(1), closings=town.closings, nudge_runs=lambda: None)
    await end_months(town, PlainPrinter(), clock)
    assert await run_of(town) is None

    await close_sheet(sheet_closed(2), sheets=town.sheets, book=book_of(town), nudge_runs=lambda: None)
    await end_months(town, PlainPrinter(), clock)

    assert len(await town.invoices.of_household(HOUSEHOLD_ID)) == 1


async def test_a_cash_office_waits_for_all_its_postpaid_programmes(town: Stores, clock: MovableClock) -> None:
    transport = replace(PROGRAMMES[1], id=f"{TOWN_ID}.transport")
    await town.copies.put_programme(transport, 1)
    tariff = await town.tariffs.of(TOWN_ID)
    office = replace(OTHER_OFFICE, programmes=(CARE, LEISURE, transport.id))
    await town.tariffs.save(replace(tariff, cash_offices=(OFFICE, office)))
    await close(town, sheet_closed(2, programme_id=CARE, activity_id=LATE_CARE), programme_id=CARE)

    await end_months(town, PlainPrinter(), clock)
    run = await run_of(town, f"run_{OTHER_OFFICE.id}_{MONTH}")
    assert (run.state, run.waiting_for) == ("waiting", (transport.id,))

    await close(town, programme_id=transport.id, closing_id="cls_2")
    await end_months(town, PlainPrinter(), clock)
    assert (await run_of(town, run.id)).state == "done"
    assert len(await town.invoices.of_household(HOUSEHOLD_ID)) == 1


async def test_two_programmes_of_a_cash_office_stand_on_one_invoice(town: Stores, clock: MovableClock) -> None:
    tariff = await town.tariffs.of(TOWN_ID)
    one = replace(OFFICE, programmes=(*OFFICE.programmes, CARE))
    await town.tariffs.save(replace(tariff, cash_offices=(one,)))
    await close(town, sheet_closed(2))
    care = sheet_closed(2, programme_id=CARE, activity_id=LATE_CARE, closing_id="cls_2")
    await close(town, care, programme_id=CARE, closing_id="cls_2")

    await end_months(town, PlainPrinter(), clock)

    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert invoice.total_cents == 415 + 150


async def test_a_closing_of_a_prepaid_programme_issues_nothing(town: Stores, clock: MovableClock) -> None:
    await close(town, programme_id=LEISURE)
    await end_months(town, PlainPrinter(), clock)

    assert await town.invoices.of_household(HOUSEHOLD_ID) == []
    assert await town.runs.of_town(TOWN_ID) == []
    assert await town.closings.incomplete() == []


async def test_who_owes_nothing_gets_no_invoice_and_no_number(town: Stores, db: Database, clock: MovableClock) -> None:
    await close(town, sheet_closed(2, state="absent_justified"))
    await end_months(town, PlainPrinter(), clock)

    run = await run_of(town)
    assert (run.state, run.issued, run.without_amount) == ("done", 0, 1)
    assert await db["counters"].count_documents({}) == 0


async def test_a_missing_price_blocks_the_run_until_the_tariff_has_it(town: Stores, clock: MovableClock) -> None:
    tariff = await town.tariffs.of(TOWN_ID)
    grids = tuple(one for one in tariff.grids if MEAL not in one.activities)
    await town.tariffs.save(replace(tariff, grids=grids))
    await close(town, sheet_closed(2))
    await end_months(town, PlainPrinter(), clock)
    run = await run_of(town)
    assert (run.state, run.problem) == ("blocked", f"no price for {MEAL} on 2026-11-02")

    meals = grid("repas")
    await import_tariff(
        TOWN_ID, [], [meals], tariffs=town.tariffs, copies=town.copies, runs=town.runs, nudge=lambda: None, clock=clock
    )
    clock.move(minutes=6)
    await end_months(town, PlainPrinter(), clock)

    assert (await run_of(town)).state == "done"
    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert invoice.total_cents == 415


async def test_a_closing_after_the_invoices_are_out_opens_a_run_that_corrects(
    town: Stores, clock: MovableClock
) -> None:
    await close(town, sheet_closed(2))
    await end_months(town, PlainPrinter(), clock)

    await close(town, closing_id="cls_2")
    await end_months(town, PlainPrinter(), clock)

    run = await run_of(town, f"{RUN}_2")
    assert (run.state, run.number, run.issued, run.drafts) == ("done", 2, 0, 0)


async def test_a_cash_office_that_comes_later_still_issues(town: Stores, clock: MovableClock) -> None:
    tariff = await town.tariffs.of(TOWN_ID)
    await town.tariffs.save(replace(tariff, cash_offices=(OTHER_OFFICE,)))
    await close(town, sheet_closed(2))
    await end_months(town, PlainPrinter(), clock)
    assert await town.closings.incomplete() == []

    await import_tariff(
        TOWN_ID, [OFFICE], [], tariffs=town.tariffs, copies=town.copies, runs=town.runs, nudge=lambda: None, clock=clock
    )
    await end_months(town, PlainPrinter(), clock)

    assert len(await town.invoices.of_household(HOUSEHOLD_ID)) == 1


class Crash(Exception):
    """The process dies here."""


class Mortal:
    """A store whose process dies at the n-th write, before it or after it."""

    def __init__(self, store: Any, life: list[int]) -> None:
        self._store, self._life = store, life

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in WRITES:
            return method

        async def mortal(*arguments: Any, **named: Any) -> Any:
            self._step()
            done = await method(*arguments, **named)
            self._step()
            return done

        return mortal

    def _step(self) -> None:
        self._life[0] -= 1
        if self._life[0] == 0:
            raise Crash


WRITES = {
    *("complete", "add", "wake", "save", "take_due", "mark_documented"),
    *("put_all", "forget_older", "issue_many", "mark_issued"),
}


async def test_killed_anywhere_a_run_leaves_no_gap_and_no_double(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    households = await families(town, 6)
    await close(town, *(sheet_closed(2, household_id=name, child_id=f"chd_{name}") for name in households))
    for name in households:
        household = await town.copies.household(HOUSEHOLD_ID)
        assert household is not None
        await town.copies.put_household(replace(household, id=name), 1)

    kills = 0
    while True:
        # Short lives, each cut off at another write; a run needs several of them.
        life = [2 + kills % 12]
        mortal: Any = type("Mortals", (), {name: Mortal(store, life) for name, store in vars(town).items()})()
        try:
            await end_months(mortal, PlainPrinter(), clock)
        except Crash:
            kills += 1
            assert await broken(db) == []
            clock.move(minutes=2)
            continue
        if (run := await run_of(town)) and run.state == "done":
            break

    assert kills > 8
    invoices = [one async for one in db["invoices"].find().sort("position", 1)]
    assert [one["position"] for one in invoices] == [1, 2, 3, 4, 5, 6]
    assert sorted(one["household_id"] for one in invoices) == households
    assert run.issued == 6
    assert await db["documents"].count_documents({}) == 6
    assert await broken(db) == []


async def test_the_commit_of_a_number_and_its_invoice_is_one(town: Stores, db: Database) -> None:
    class Dying(type(town.invoices)):  # type: ignore[misc]  # the store's own class, dying inside its transaction
        def _document(self, invoice: Invoice) -> Any:
            raise Crash

    dying = Dying(db, lambda _: None, lambda: None)
    with pytest.raises(Crash):
        await dying.issue(draft())

    assert await db["counters"].count_documents({}) == 0
    assert (await town.invoices.issue(draft())).position == 1


async def test_many_processes_issue_at_once_without_gap_or_double(town: Stores, db: Database) -> None:
    drafts: list[Draft] = [draft(f"hsh_{number}") for number in range(6)] * 3
    limit = asyncio.Semaphore(4)

    async def issue(one: Draft) -> str:
        async with limit:
            return (await town.invoices.issue(one)).number

    numbers = await asyncio.gather(*(issue(one) for one in drafts))

    assert sorted(set(numbers)) == [f"F2026-{position:06d}" for position in range(1, 7)]
    assert await numbering_with_gaps(db) == []


async def test_every_cash_office_and_year_has_its_own_numbers(town: Stores) -> None:
    first = await town.invoices.issue(draft())
    other = await town.invoices.issue(draft(cash_office_id=OTHER_OFFICE.id))
    next_year = await town.invoices.issue(replace(draft(month="2026-12"), year=2027))

    assert [one.number for one in (first, other, next_year)] == ["F2026-000001", "F2026-000001", "F2027-000001"]


async def test_a_run_is_taken_by_one_process_at_a_time(town: Stores, clock: MovableClock) -> None:
    await close(town, sheet_closed(2))
    desk = desk_of(town, clock)
    await complete_closings(desk)

    taken = await town.runs.take_due(clock(), timedelta(minutes=1))
    assert taken is not None
    assert await advance_next_run(desk) is None
    clock.move(minutes=2)
    assert (await advance_next_run(desk)) is not None


async def test_a_paper_is_printed_once_and_told(town: Stores, db: Database, clock: MovableClock) -> None:
    await close(town, sheet_closed(2))
    await end_months(town, PlainPrinter(), clock)
    await end_months(town, PlainPrinter(), clock)

    (event,) = await told_by(db, "documents")
    assert isinstance(event, InvoiceDocument)
    assert event.filename == "facture-F2026-000001.pdf"
    assert event.cash_office_name == "Régie restauration"
    (invoice,) = await town.invoices.of_household(HOUSEHOLD_ID)
    assert await town.documents.pdf("hsh_other", invoice.id) is None
    assert await town.documents.pdf(HOUSEHOLD_ID, invoice.id) is not None


async def test_a_paper_waits_for_the_household_to_be_known(town: Stores, db: Database, clock: MovableClock) -> None:
    await db["households"].delete_many({})
    await close(town, sheet_closed(2))
    await end_months(town, PlainPrinter(), clock)

    assert await db["documents"].count_documents({}) == 0
    assert (await run_of(town)).state == "done"


async def test_a_paper_that_cannot_be_printed_keeps_no_other_back(town: Stores, db: Database) -> None:
    for month in ("2026-10", "2026-11"):
        await town.invoices.issue(draft(month=month))
    alerts: list[str] = []

    class Choosy(PlainPrinter):
        async def print(self, texts: dict[str, Any]) -> bytes:
            if texts["month"] == "octobre 2026":
                raise Unprintable
            return await super().print(texts)

    press = replace(press_of(town, Choosy()), alert=lambda name, **_: alerts.append(name))
    written = await write_documents(press)

    assert (written, alerts) == (1, ["invoice_unprintable"])
    assert await db["documents"].count_documents({}) == 1

"""A household that goes: its accounting stays as long as the law says, its debts as long as they are, nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.billing.app.work import Stores, book_of
from services.billing.domain.families import join
from services.billing.domain.invoices import settle
from services.billing.domain.retention import years_after
from services.billing.domain.runs import Closing, Run
from services.billing.domain.settlements import Settlement
from services.billing.domain.sheets import ChargeSheet
from services.billing.store.documents import to_document
from services.billing.store.invariants import INVARIANTS
from services.billing.store.privacy import BillingHoldings
from services.billing.store.retention import BillingRetention
from services.billing.usecases.charge import close_sheet
from services.billing.usecases.close_erased import close_sheet_unless_erased
from shared.contracts import Told
from shared.contracts.reservations import SheetClosed
from shared.mongo import Database
from shared.privacy import Receipt
from shared.privacy.store import TombstoneStore
from tests.billing.samples import (
    CANTEEN,
    HOUSEHOLD_ID,
    MONTH,
    NOW,
    OFFICE,
    TOWN_ID,
    invoice,
    order,
    payment,
    sheet_closed,
    sheet_id,
)

RUN = f"run_{OFFICE.id}_{MONTH}"
PDF = b"%PDF-1.7 a page"


@pytest.fixture
def holdings(db: Database) -> BillingHoldings:
    return BillingHoldings(db, 10)


@pytest.fixture
async def family(town: Stores, db: Database) -> Stores:
    """The Martins have joined, and have a quotient."""
    (name,) = await db["families"].distinct("_id")
    known = await town.families.get(TOWN_ID, name)
    assert known
    await town.families.save(join(known, HOUSEHOLD_ID, True, 1))
    return town


async def hear(stores: Stores, told: Told[SheetClosed]) -> None:
    await close_sheet(told, sheets=stores.sheets, book=book_of(stores), nudge_runs=lambda: None)


async def close_the_month(db: Database, *, run: str = "done") -> None:
    closing = Closing(
        id="cls_1",
        municipality_id=TOWN_ID,
        programme_id=CANTEEN,
        month=MONTH,
        sheets=1,
        complete=True,
        run_id=RUN,
    )
    await db["closings"].insert_one(to_document(closing))
    state: Any = run
    await db["runs"].insert_one(
        to_document(Run(id=RUN, municipality_id=TOWN_ID, cash_office_id=OFFICE.id, month=MONTH, state=state, version=1))
    )


async def keep_invoice(db: Database, state: str = "paid", **changed: Any) -> None:
    one = invoice(**{"documented": True, **changed})
    if state == "paid":
        act = Settlement(source=payment().id, kind="payment", cents=one.total_cents, at=NOW)
        one = settle(one, act)
    await db["invoices"].insert_one(to_document(one))
    await db["documents"].insert_one(
        {"_id": one.id, "municipality_id": TOWN_ID, "household_id": HOUSEHOLD_ID, "pdf": PDF, "sha256": "x"}
    )


async def keep_payment(db: Database, **changed: Any) -> None:
    await db["payments"].insert_one(to_document(payment(**changed)))


def kept(receipt: Receipt) -> set[tuple[str, str]]:
    return {(line.what, line.reason) for line in receipt.kept}


async def collections(db: Database) -> set[str]:
    """Those with a document that names the household."""
    return {
        name
        for name in await db.list_collection_names()
        async for document in db[name].find()
        if HOUSEHOLD_ID in str(document)
    }


def test_ten_years_after_a_leap_day_is_the_first_of_march() -> None:
    assert years_after(date(2024, 2, 29), 10) == date(2034, 3, 1)
    assert years_after(date(2026, 12, 1), 10) == date(2036, 12, 1)


async def test_without_invoices_nothing_stays(family: Stores, db: Database, holdings: BillingHoldings) -> None:
    receipt = await holdings.erase(HOUSEHOLD_ID, NOW)

    assert not receipt.kept
    assert {line.what for line in receipt.erased} == {"quotients", "profile_copies"}
    assert await collections(db) == set()


async def test_paid_invoices_stay_ten_years_without_name_quotient_and_days(
    family: Stores, db: Database, holdings: BillingHoldings
) -> None:
    await hear(family, sheet_closed(2, 3))
    await close_the_month(db)
    await keep_invoice(db)
    await keep_payment(db, state="paid", paid_at=NOW, live=False, allocated=True)

    receipt = await holdings.erase(HOUSEHOLD_ID, NOW)

    assert kept(receipt) == {("invoices", "accounting"), ("payments", "accounting")}
    assert {line.until for line in receipt.kept} == {date(2036, 12, 1)}
    assert await collections(db) == {"invoices", "documents", "payments"}


async def test_in_debt_the_name_and_address_stay_with_the_invoice(
    family: Stores, db: Database, holdings: BillingHoldings
) -> None:
    await keep_invoice(db, "open")

    receipt = await holdings.erase(HOUSEHOLD_ID, NOW)

    assert kept(receipt) == {("invoices", "debt"), ("name_and_address", "debt")}
    assert all(line.until is None for line in receipt.kept)
    assert await collections(db) == {"invoices", "documents", "households"}


async def test_once_the_debt_is_paid_the_name_goes(family: Stores, db: Database, holdings: BillingHoldings) -> None:
    await keep_invoice(db, "open")
    await holdings.erase(HOUSEHOLD_ID, NOW)
    await db["invoices"].update_many({}, {"$set": {"state": "paid"}})

    receipt = await holdings.erase(HOUSEHOLD_ID, NOW)

    assert kept(receipt) == {("invoices", "accounting")}
    assert await collections(db) == {"invoices", "documents"}


@pytest.mark.parametrize("run", ["waiting", "issuing", "blocked"])
async def test_days_not_invoiced_yet_stay_with_what_prices_and_addresses_them(
    family: Stores, db: Database, holdings: BillingHoldings, run: str
) -> None:
    await hear(family, sheet_closed(2, 3))
    await close_the_month(db, run=run)

    receipt = await holdings.erase(HOUSEHOLD_ID, NOW)

    assert kept(receipt) == {("charge_sheets", "not_invoiced_yet")}
    assert await collections(db) >= {"sheets", "families", "households"}


async def test_days_booked_and_not_used_are_not_owed(family: Stores, db: Database, holdings: BillingHoldings) -> None:
    await hear(family, sheet_closed(25, state="booked"))
    await db["sheets"].update_many({}, {"$set": {"closing_id": None}})

    before = await holdings.erase(HOUSEHOLD_ID, datetime(2026, 11, 24, 12, tzinfo=UTC))

    assert not before.kept
    assert "sheets" not in await collections(db)


async def test_a_payment_under_way_stays_and_an_attempt_that_failed_does_not(
    family: Stores, db: Database, holdings: BillingHoldings
) -> None:
    await keep_payment(db, state="pending", idop="i1")
    await keep_payment(
        db, name="pay_2", key="key-2", state="refused", live=False, reference="R2", claims=("inv_9",), next_at=None
    )
    await db["orders"].insert_one(to_document(order()))
    await db["orders"].insert_one(to_document(order(id="ord_2", expires_at=NOW - timedelta(minutes=1))))

    receipt = await holdings.erase(HOUSEHOLD_ID, NOW)

    assert kept(receipt) == {("payments", "payment_under_way"), ("orders", "payment_under_way")}
    assert await db["payments"].distinct("_id") == ["pay_0192aabbccdd7eef8123456789abcdef"]
    assert await db["orders"].distinct("_id") == ["ord_1"]


async def test_an_archive_has_figures_and_papers(family: Stores, db: Database, holdings: BillingHoldings) -> None:
    await keep_invoice(db)
    other = {"_id": "inv_other", "household_id": "hsh_other", "municipality_id": TOWN_ID, "pdf": b"theirs"}
    await db["documents"].insert_one({**other, "sha256": "x"})

    files = {file.name: file.content async for file in holdings.files(HOUSEHOLD_ID)}

    assert set(files) == {"billing.json", "invoices/F2026-000001.pdf"}
    assert files["invoices/F2026-000001.pdf"] == PDF
    told = json.loads(files["billing.json"])
    assert told["invoices"][0]["total_cents"] == 7055
    assert told["families"][0]["quotients"]


Closes = Callable[[Told[SheetClosed]], Any]


@pytest.fixture
def close(family: Stores, db: Database) -> Closes:
    async def closing(told: Told[SheetClosed]) -> ChargeSheet | None:
        await close_sheet_unless_erased(
            told,
            tombstones=TombstoneStore(db),
            closings=family.closings,
            sheets=family.sheets,
            book=book_of(family),
            nudge_runs=lambda: None,
        )
        return await family.sheets.get(HOUSEHOLD_ID, sheet_id())

    return closing


async def test_a_closing_that_waits_gets_the_sheet_of_an_erased_household(close: Closes, db: Database) -> None:
    """Else the invoices of the whole town would wait for it for ever."""
    await TombstoneStore(db).put(HOUSEHOLD_ID, NOW + timedelta(days=1), kept=True)

    assert await close(sheet_closed(2)) is not None


async def test_a_closed_sheet_told_again_does_not_come_back(close: Closes, db: Database) -> None:
    await TombstoneStore(db).put(HOUSEHOLD_ID, NOW + timedelta(days=1), kept=True)
    await close_the_month(db)

    assert await close(sheet_closed(2)) is None


async def test_what_is_told_after_the_erasure_is_owed(close: Closes, db: Database) -> None:
    await TombstoneStore(db).put(HOUSEHOLD_ID, NOW - timedelta(days=1), kept=True)
    await close_the_month(db)

    assert await close(sheet_closed(2)) is not None


def retention(db: Database) -> BillingRetention:
    return BillingRetention(db, invoice_years=10, sheet_years=3)


AFTER_TEN_YEARS = datetime(2036, 12, 2, tzinfo=UTC)


async def test_after_ten_years_a_paid_invoice_names_nobody_and_the_series_has_no_gap(db: Database) -> None:
    await keep_invoice(db)
    one = invoice(state="paid")
    await keep_payment(db, state="paid", paid_at=NOW, live=False, allocated=True)
    await db["counters"].insert_one({"_id": f"{OFFICE.id}/2026/F", "last": 1})

    early = await retention(db).invoices(AFTER_TEN_YEARS - timedelta(days=1))
    gone = await retention(db).invoices(AFTER_TEN_YEARS), await retention(db).payments(AFTER_TEN_YEARS)

    assert (early, gone) == (0, (1, 1))
    assert await collections(db) == set()
    (left,) = await db["invoices"].find().to_list(None)
    assert (left["number"], left["total_cents"]) == (one.number, one.total_cents)
    assert await db["documents"].count_documents({}) == 0
    # Put there without the act that would have posted it.
    checks = [check for name, check in INVARIANTS.items() if name != "the books tie to the cent"]
    assert [line for check in checks for line in await check(db)] == []
    assert await retention(db).invoices(AFTER_TEN_YEARS) == 0


async def test_an_unpaid_invoice_never_goes(db: Database) -> None:
    await keep_invoice(db, "open")

    assert await retention(db).invoices(AFTER_TEN_YEARS) == 0
    assert await db["documents"].count_documents({}) == 1


async def test_charged_days_go_after_three_years_unless_something_is_owed(family: Stores, db: Database) -> None:
    await hear(family, sheet_closed(2))
    late = datetime(2029, 12, 1, tzinfo=UTC)
    await keep_invoice(db, "open")

    held = await retention(db).charge_sheets(late)
    await db["invoices"].update_many({}, {"$set": {"state": "paid"}})
    early, gone = await retention(db).charge_sheets(late - timedelta(days=1)), await retention(db).charge_sheets(late)

    assert (held, early, gone) == (0, 0, 1)


async def test_attempts_and_orders_that_brought_no_money_go_after_a_year(db: Database) -> None:
    await keep_payment(db, state="expired", live=False, next_at=None)
    await db["orders"].insert_one(to_document(order()))
    await db["orders"].insert_one(to_document(replace(order(id="ord_2"), paid_by="pay_1", paid_at=NOW)))
    later = NOW + timedelta(days=366)

    early = await retention(db).payment_attempts(NOW + timedelta(days=364))
    gone = await retention(db).payment_attempts(later), await retention(db).orders(later)

    assert (early, gone) == (0, (1, 1))
    assert await db["orders"].distinct("_id") == ["ord_2"]

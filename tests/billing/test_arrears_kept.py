"""What of reminders, debts and statements stays, for how long, and what an erasure leaves."""

from datetime import datetime, timedelta

import pytest

from services.billing.app.arrears import reminder_desk_of, treasury_desk_of
from services.billing.app.work import Stores
from services.billing.domain.treasury.collection import Batch
from services.billing.store.arrears_kept import ArrearsRetention, erase, held
from services.billing.store.invariants_of_arrears import ARREARS, waiting_differences
from services.billing.usecases.treasury.answer import answer_batch
from services.billing.usecases.treasury.desk import Asked
from services.billing.usecases.treasury.hand_over import hand_over_debts
from services.billing.usecases.unpaid.send_reminders import remind_families
from shared.mongo import Database
from tests.billing.arrears import impatient, owed
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, TOWN_ID
from tests.billing.test_usecases_reconciliation import BANK, bring


@pytest.fixture
async def batch(town: Stores, clock: MovableClock) -> Batch:
    await impatient(town)
    await owed(town)
    await remind_families(TOWN_ID, OFFICE, desk=reminder_desk_of(town, clock))
    asked = Asked(
        municipality_id=TOWN_ID, office=OFFICE, invoice_ids=None, by="acc_1", key="key-00001", fingerprint="f"
    )
    return await hand_over_debts(asked, desk=treasury_desk_of(town, clock))


def retention(db: Database) -> ArrearsRetention:
    return ArrearsRetention(db, years=10, sheet_years=3)


def later(years: int, days: int = 1) -> datetime:
    return NOW.replace(year=NOW.year + years) + timedelta(days=days)


async def broken(db: Database) -> set[str]:
    return {name for name, check in ARREARS.items() if await check(db)}


async def test_a_household_gets_everything_that_is_held(db, batch):
    found = await held(db, HOUSEHOLD_ID)
    assert {name: len(documents) for name, documents in found.items()} == {
        "reminders": 1,
        "reminder_exemptions": 0,
        "collection_orders": 1,
    }


async def test_while_a_debt_is_open_its_reminders_stay(db, batch):
    gone, kept = await erase(db, HOUSEHOLD_ID, years=10)
    assert gone == {"reminder_exemptions": 0}
    assert [(one.what, one.reason) for one in kept] == [("reminders", "debt"), ("collection_orders", "debt")]
    assert await retention(db).reminders(later(30)) == 0
    assert await retention(db).collection_orders(later(30)) == 0


async def test_a_closed_debt_is_accounting_for_ten_years(db, batch, town, clock):
    await answer_batch(TOWN_ID, batch.id, accepted=False, reason="x", desk=treasury_desk_of(town, clock))
    await db["invoices"].update_many({}, {"$set": {"state": "paid"}})
    gone, kept = await erase(db, HOUSEHOLD_ID, years=10)
    assert gone == {"reminder_exemptions": 0, "reminders": 1}
    assert [(one.what, one.reason, one.until.year) for one in kept] == [("collection_orders", "accounting", 2036)]
    assert await retention(db).collection_orders(later(9)) == 0
    assert await retention(db).collection_orders(later(10)) == 2
    assert await retention(db).collection_orders(later(10)) == 0
    order, file = await db["collection_orders"].find_one(), await db["treasury_files"].find_one()
    assert (order["household_id"], order["cents"]) == (f"nobody_{order['_id']}", 7055)
    assert (bytes(file["content"]), len(file["sha256"])) == (b"", 64)
    assert await broken(db) == set()


async def test_labels_of_statements_go_with_their_accounting(db, town, clock):
    await bring(town, clock, f"{BANK}01/12/2026;VIR MME MARTIN;-2,50;\n")
    assert await waiting_differences(db, days=-400) == 1
    assert await retention(db).statement_lines(later(9)) == 0
    assert await retention(db).statement_lines(later(10)) == 2
    assert (await db["statement_lines"].find_one())["label"] == ""


async def test_the_checks_see_a_file_that_was_changed_and_an_invoice_that_was_lost(db, batch):
    assert await broken(db) == set()
    await db["treasury_files"].update_one({}, {"$set": {"content": b"other"}})
    await db["collection_orders"].update_one({}, {"$set": {"debts": []}})
    assert await broken(db) == {
        "every file for the Treasury is the one that was made",
        "every invoice at the Treasury stands in one debt",
    }

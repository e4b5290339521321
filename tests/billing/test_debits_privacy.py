"""What becomes of mandates and debits when a family is erased, exports its data, or time passes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.billing.app.work import Stores
from services.billing.domain.debits.debits import scheduled
from services.billing.store.debits.privacy import erase, forget_debits, forget_mandates, held
from shared.mongo import Database
from tests.billing.debit_samples import IBAN, MANDATE, debit
from tests.billing.samples import HOUSEHOLD_ID, NOW, draft

ENDED: dict[str, Any] = {"state": "revoked", "ended_at": NOW - timedelta(days=500)}


async def mandate(stores: Stores, **changed: Any) -> None:
    await stores.sepa.mandates.save(replace(MANDATE, **changed), None)


async def test_an_export_shows_the_account_as_the_family_sees_it(stores: Stores, db: Database) -> None:
    await mandate(stores, iban="sealed-number")
    await stores.sepa.debits.add(debit(), [])

    found = await held(db, HOUSEHOLD_ID)

    assert [one["account_shown"] for one in found["mandates"]] == ["FR•• •••• 0189"]
    assert [one["cents"] for one in found["debits"]] == [7055]
    assert "sealed-number" not in str(found)


async def test_a_mandate_never_used_goes_with_its_family_and_the_invoice_stays_owed(
    stores: Stores, db: Database
) -> None:
    await mandate(stores)
    invoice = await stores.invoices.issue(draft())
    await stores.sepa.debits.add(debit(invoice_id=invoice.id), [])
    await stores.invoices.change(HOUSEHOLD_ID, invoice.id, lambda one: scheduled(one, date(2026, 12, 31)))

    gone, kept = await erase(db, HOUSEHOLD_ID, NOW, years=10)

    assert (gone, kept) == ({"mandates": 1, "planned_debits": 1}, [])
    freed = await stores.invoices.get(HOUSEHOLD_ID, invoice.id)
    assert freed
    assert (freed.state, freed.debit_on) == ("open", None)


async def test_what_a_bank_may_still_ask_about_stays_and_nothing_more_is_debited(stores: Stores, db: Database) -> None:
    await mandate(stores, used=True, presented_on=date(2026, 11, 10))
    await stores.sepa.debits.add(debit(state="collected", live=False, collect_on=date(2026, 11, 10)), [])

    gone, kept = await erase(db, HOUSEHOLD_ID, NOW, years=10)
    again = await erase(db, HOUSEHOLD_ID, NOW + timedelta(days=30), years=10)

    assert gone == {"mandates": 0, "planned_debits": 0}
    assert [(one.what, one.until) for one in kept] == [("mandates", date(2028, 1, 10)), ("debits", date(2036, 11, 10))]
    assert again[1] == kept
    assert await stores.sepa.mandates.in_force(HOUSEHOLD_ID, MANDATE.cash_office_id) is None
    later, left = await erase(db, HOUSEHOLD_ID, NOW + timedelta(days=500), years=10)
    assert later["mandates"] == 1
    assert [one.what for one in left] == ["debits"]


@pytest.mark.parametrize(
    ("changed", "forgotten"),
    [
        (ENDED, True),
        ({**ENDED, "presented_on": date(2025, 9, 1)}, True),
        ({**ENDED, "presented_on": date(2026, 1, 1)}, False),
        ({}, False),
        ({**ENDED, "ended_at": NOW - timedelta(days=300)}, False),
    ],
)
async def test_the_account_of_an_ended_mandate_is_forgotten_once_no_bank_asks(
    stores: Stores, db: Database, changed: dict[str, Any], forgotten: bool
) -> None:
    await mandate(stores, iban=IBAN, **changed)

    assert await forget_mandates(db, NOW) == forgotten
    assert await forget_mandates(db, NOW) == 0

    found = await stores.sepa.mandates.get(HOUSEHOLD_ID, MANDATE.id)
    assert found
    assert (found.iban, found.holder, found.rum) == (
        ("", "", MANDATE.rum) if forgotten else (IBAN, "Claire Martin", MANDATE.rum)
    )


async def test_debits_are_accounting_for_ten_years_and_those_never_made_for_one(stores: Stores, db: Database) -> None:
    await stores.sepa.debits.add(debit(state="collected", live=False), [])
    dropped = debit(id="dbt_2", end_to_end="D2", invoice_id="inv_2", state="cancelled", live=False)
    await stores.sepa.debits.add(dropped, [])

    assert await forget_debits(db, NOW + timedelta(days=300), years=10) == 0
    assert await forget_debits(db, NOW + timedelta(days=400), years=10) == 1
    assert await forget_debits(db, NOW + timedelta(days=3700), years=10) == 1
    assert await forget_debits(db, NOW + timedelta(days=3800), years=10) == 0
    assert await held(db, HOUSEHOLD_ID) == {"mandates": [], "debits": []}
    assert await db["debits"].count_documents({"cents": 7055, "anonymous": True}) == 1

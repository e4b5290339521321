"""What is let go of around quotients, and what is found on live data that must not be there."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.billing.app.work import Stores
from services.billing.domain.families import Quotient
from services.billing.domain.tariffs.enrolments import Enrolment
from services.billing.store.privacy import BillingHoldings
from services.billing.store.quotients_kept import QUOTIENTS
from services.billing.store.retention import BillingRetention
from shared.mongo import Database
from tests.billing.samples import FAMILY, HOUSEHOLD_ID, NOW, TARIFF, TOWN_ID, grid


def quotients(*days: str) -> tuple[Quotient, ...]:
    return tuple(Quotient(effective_on=date.fromisoformat(day), value=Decimal(1)) for day in days)


async def test_quotients_nothing_kept_was_priced_with_are_let_go(stores: Stores, db: Database) -> None:
    days = ("2020-01-01", "2022-01-01", "2023-06-01", "2026-01-01")
    await stores.families.save(replace(FAMILY, quotients=quotients(*days)))
    await stores.families.save(replace(FAMILY, id=f"{TOWN_ID}/F2", reference="F2", quotients=quotients("2020-01-01")))
    kept = BillingRetention(db, invoice_years=10, sheet_years=3)

    gone = [await kept.quotients(NOW) for _ in range(2)]

    family = await stores.families.get(TOWN_ID, FAMILY.id)
    assert family is not None
    assert gone == [2, 0]
    assert [str(one.effective_on) for one in family.quotients] == ["2023-06-01", "2026-01-01"]


async def test_enrolments_are_let_go_years_after_their_last_day(stores: Stores, db: Database) -> None:
    past = Enrolment(
        id="enr_1",
        municipality_id=TOWN_ID,
        reference="E1",
        programme_id="p",
        starts=date(2021, 9, 1),
        ends=date(2022, 7, 1),
    )
    await stores.enrolments.put(past, 1)
    await stores.enrolments.put(replace(past, id="enr_2", ends=date(2026, 7, 1)), 1)

    gone = await BillingRetention(db, invoice_years=10, sheet_years=3).enrolments(NOW)

    assert (gone, await db["enrolments"].distinct("_id")) == (1, ["enr_2"])


async def test_an_erased_household_leaves_no_consent(stores: Stores, db: Database) -> None:
    await db["quotient_consents"].insert_one(
        {"_id": "c", "household_id": HOUSEHOLD_ID, "municipality_id": TOWN_ID, "version": 1, "sealed": "x"}
    )

    await BillingHoldings(db, 10).erase(HOUSEHOLD_ID, NOW)

    assert await db["quotient_consents"].count_documents({}) == 0


async def test_a_tariff_with_two_prices_for_a_child_is_found(stores: Stores, db: Database) -> None:
    await stores.tariffs.save(TARIFF)
    assert [await check(db) for check in QUOTIENTS.values()] == [[], [], []]

    await db["tariffs"].delete_many({})
    await stores.tariffs.save(replace(TARIFF, grids=(grid("un"), grid("deux"))))

    assert await QUOTIENTS["every child has one price"](db) == [f"{TOWN_ID}: {TOWN_ID}.repas (booking) at grids"]

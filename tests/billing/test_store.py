"""What the stores promise on a real MongoDB: scope, one writer at a time, and invariants that notice what is broken."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pymongo.errors import WriteError

from services.billing.app.work import Stores
from services.billing.domain.invoices import Invoice
from services.billing.domain.payments import Claimed, opened
from services.billing.domain.sheets import hear
from services.billing.store import INVARIANTS, SCHEMA
from services.billing.store.documents import from_document, to_document
from shared.errors import Conflict, NotFound
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    FAMILY,
    HOUSEHOLD_ID,
    NOW,
    OFFICE,
    TARIFF,
    TOWN_ID,
    draft,
    empty_sheet,
    invoice,
    order,
    payment,
    with_quotients,
)
from tests.billing.test_domain_sheets import day, fact, pricing

SHEET = hear(empty_sheet(), fact(1, "closed", day("present", 2), day("cancelled", 3, "late")), pricing)


@pytest.mark.parametrize(
    "value",
    [
        TARIFF,
        SHEET,
        order(),
        opened(payment(), "idop-1", NOW),
        invoice(paid_at=NOW),
        with_quotients(("2026-01-01", "622.50")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_comes_back_as_it_was_stored(value: Any) -> None:
    assert from_document(type(value), to_document(value)) == value


async def test_exact_decimals_and_days_survive_the_database(stores: Stores) -> None:
    await stores.families.save(with_quotients(("2026-01-01", "622.50")))

    family = await stores.families.of_household(HOUSEHOLD_ID, TOWN_ID)

    assert family is not None
    assert (family.quotients[0].value, family.quotients[0].effective_on) == (Decimal("622.50"), date(2026, 1, 1))


async def test_of_two_writers_one_is_told_to_look_again(stores: Stores) -> None:
    saved = await stores.sheets.save(SHEET)
    await stores.sheets.save(saved)

    with pytest.raises(Conflict):
        await stores.sheets.save(saved)
    with pytest.raises(Conflict):
        await stores.sheets.save(SHEET)


async def test_another_household_finds_nothing(stores: Stores) -> None:
    issued = await stores.invoices.issue(draft())
    await stores.sheets.save(SHEET)
    await stores.orders.save(order())
    paying = await stores.payments.add(payment(issued), [])

    assert await stores.invoices.get("hsh_other", issued.id) is None
    assert await stores.invoices.several("hsh_other", [issued.id]) == []
    assert await stores.invoices.of_household("hsh_other") == []
    assert await stores.sheets.get("hsh_other", SHEET.id) is None
    assert await stores.orders.get("hsh_other", "ord_1") is None
    assert await stores.payments.get("hsh_other", paying.id) is None
    assert await stores.payments.by_key("hsh_other", paying.key) is None
    with pytest.raises(NotFound):
        await stores.invoices.pay("hsh_other", issued.id, paying.id, issued.total_cents, NOW)
    assert await stores.orders.pay("hsh_other", "ord_1", paying.id, 1200, NOW) == 0


async def test_another_town_finds_nothing(stores: Stores) -> None:
    await stores.families.save(FAMILY)

    assert await stores.families.get("le-val-dore", FAMILY.id) is None
    assert await stores.families.of_household(HOUSEHOLD_ID, "le-val-dore") is None
    assert (await stores.tariffs.of("le-val-dore")).version == 0


async def test_an_invoice_is_settled_by_the_first_payment_that_says_so(stores: Stores) -> None:
    issued = await stores.invoices.issue(draft())

    whole = issued.total_cents
    taken = await asyncio.gather(
        *(stores.invoices.pay(HOUSEHOLD_ID, issued.id, f"pay_{number}", whole, NOW) for number in range(5))
    )

    assert sorted(taken) == [0, 0, 0, 0, whole]
    winner = f"pay_{taken.index(whole)}"
    assert await stores.invoices.pay(HOUSEHOLD_ID, issued.id, winner, whole, NOW) == whole
    assert await stores.invoices.paid_by_others(HOUSEHOLD_ID, [issued.id], winner) == set()
    assert await stores.invoices.paid_by_others(HOUSEHOLD_ID, [issued.id], "pay_x") == {issued.id}


async def test_a_live_attempt_keeps_others_away_and_a_dead_one_does_not(stores: Stores) -> None:
    first = await stores.payments.add(payment(name="pay_1" + "a" * 30), [])
    other = payment(invoice(), invoice("inv_2", 2), name="pay_2" + "b" * 30, key="key-00002")

    with pytest.raises(Claimed) as refusal:
        await stores.payments.add(other, [])
    assert refusal.value.by == first
    await stores.payments.save(replace(first, live=False, state="refused"), [])
    assert (await stores.payments.add(other, [])).version == 1


async def test_a_reference_is_used_once(stores: Stores) -> None:
    await stores.payments.add(payment(), [])
    again = replace(payment(invoice("inv_9", 9)), id="pay_other", key="key-00002")

    with pytest.raises(Conflict):
        await stores.payments.add(again, [])


async def test_what_is_due_is_taken_by_one(stores: Stores, clock: MovableClock) -> None:
    await stores.payments.add(payment(next_at=NOW), [])

    taken = await asyncio.gather(*(stores.payments.take_due(clock()) for _ in range(4)))

    assert sum(one is not None for one in taken) == 1
    clock.move(minutes=1)
    assert await stores.payments.take_due(clock()) is not None


async def test_a_document_without_its_scope_is_refused_by_the_database(stores: Stores, db: Database) -> None:
    with pytest.raises(WriteError):
        await db["invoices"].insert_one({"_id": "inv_1", "total_cents": 1})
    assert {"price_lists", "invoices", "documents", "payments", "audit"} <= set(SCHEMA.telling)


async def broken(db: Database) -> list[str]:
    return [name for name, check in INVARIANTS.items() if await check(db)]


async def settled(stores: Stores) -> Invoice:
    issued = await stores.invoices.issue(draft())
    paying = payment(issued, state="paid", paid_at=NOW, allocated=True, live=False)
    await stores.payments.add(paying, [])
    await stores.invoices.pay(HOUSEHOLD_ID, issued.id, paying.id, issued.total_cents, NOW)
    return issued


async def test_nothing_is_broken_where_all_went_well(stores: Stores, db: Database) -> None:
    await settled(stores)

    assert await broken(db) == []


@pytest.mark.parametrize(
    ("collection", "damage", "noticed"),
    [
        ("invoices", {"$set": {"position": 2}}, "invoices are numbered without a gap"),
        ("counters", {"$inc": {"last": 1}}, "invoices are numbered without a gap"),
        ("invoices", {"$inc": {"lines.0.total_cents": 1}}, "every invoice is the sum of its lines"),
        ("payments", {"$set": {"state": "refused"}}, "every settlement by payment has its payment"),
        ("payments", {"$set": {"allocations.0.cents": 1}}, "every settlement by payment has its payment"),
        ("invoices", {"$set": {"settlements": []}}, "every settled payment paid something or is due back"),
        ("invoices", {"$set": {"paid_by": "pay_x"}}, "every piece has the state of its settlements"),
        ("invoices", {"$inc": {"settlements.0.cents": 1}}, "every piece has the state of its settlements"),
        ("payments", {"$inc": {"amount_cents": 1}}, "every payment is the sum of its allocations"),
        ("payments", {"$set": {"refunds": [{"ref": "x", "cents": 9_999_999}]}}, "no more is due back than was paid"),
        ("invoices", {"$set": {"lines.0.days.1.date": "2026-11-01"}}, "no day is invoiced twice"),
    ],
)
async def test_an_invariant_notices_what_breaks_it(
    stores: Stores, db: Database, collection: str, damage: Any, noticed: str
) -> None:
    await settled(stores)
    await db[collection].update_one({}, damage)

    assert noticed in await broken(db)


async def test_money_due_back_explains_a_payment_without_effect(stores: Stores, db: Database) -> None:
    issued = await settled(stores)
    second = payment(
        issued, name="pay_" + "c" * 32, key="key-00002", state="paid", paid_at=NOW, allocated=True, live=False
    )
    await stores.payments.add(second, [])
    assert await broken(db) == ["every settled payment paid something or is due back"]

    refunds = [{"ref": issued.id, "reason": "paid-twice", "cents": 7055, "at": NOW}]
    await db["payments"].update_one({"_id": second.id}, {"$set": {"refunds": refunds}})
    assert await broken(db) == []


async def test_a_payment_asked_for_is_looked_at_before_its_time(stores: Stores, clock: MovableClock) -> None:
    await stores.payments.add(opened(payment(), "idop-1", NOW), [])
    assert await stores.payments.take_due(clock()) is None

    assert await stores.payments.check_now("idop-1", clock())
    taken = await stores.payments.take_due(clock())

    assert taken is not None
    assert taken.next_at == NOW + timedelta(minutes=1)


async def test_a_tariff_is_read_again_when_it_changed(stores: Stores, db: Database) -> None:
    saved = await stores.tariffs.save(TARIFF)
    assert (await stores.tariffs.of(TOWN_ID)).cash_offices[0] == OFFICE
    other = Stores(db, lambda _: None, lambda: NOW)
    await other.tariffs.save(replace(saved, cash_offices=()))

    assert (await stores.tariffs.of(TOWN_ID)).cash_offices == ()

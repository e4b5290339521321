"""A household that goes: its health always, its days unless they are owed, its places for others; what time takes."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.reservations.domain.retention import school_year_of, still_needed
from services.reservations.domain.waiting import Entry
from services.reservations.store.privacy import ReservationHoldings
from services.reservations.store.retention import ReservationRetention
from services.reservations.usecases.settle_erased import settle_paid_order
from shared.contracts import Told
from shared.contracts.billing import OrderPaid
from shared.privacy import Receipt
from shared.privacy.store import TombstoneStore
from tests.reservations.rig import (
    ATELIER,
    JOURNEE,
    MONDAY,
    NOW,
    PAI,
    REPAS,
    THURSDAY,
    TOWN,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    household,
)

# The Tuesday evening of the week the families book.
AFTER_TWO_DAYS = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
ME = household(1)


@pytest.fixture
def holdings(rig: Rig) -> ReservationHoldings:
    return ReservationHoldings(rig.database, rig.stores.catalogue)


def kept(receipt: Receipt) -> dict[str, int]:
    return {f"{line.what} {line.reason}": line.count for line in receipt.kept}


def erased(receipt: Receipt) -> dict[str, int]:
    return {line.what: line.count for line in receipt.erased}


async def traces(rig: Rig, *ids: str) -> set[str]:
    return {
        name
        for name in await rig.database.list_collection_names()
        async for document in rig.database[name].find({}, {"outbox": 0})
        if any(one in str(document) for one in ids)
    }


async def settled(rig: Rig) -> None:
    """As if the relay had sent what waits."""
    for name in ("sheets", "orders", "waiting"):
        await rig.database[name].update_many({}, {"$set": {"outbox": []}})


def test_the_school_year_begins_in_september() -> None:
    assert [str(school_year_of(datetime.fromisoformat(day).date())) for day in ("2026-08-31", "2026-09-01")] == [
        "2025-09-01",
        "2026-09-01",
    ]


def test_of_a_month_only_days_the_child_was_there_for_are_owed() -> None:
    days = {
        "2026-03-09": {"repas": {"state": "present"}, "pai": {"state": "present"}},
        "2026-03-10": {"repas": {"state": "absent_justified"}, "garderie": {"state": "cancelled", "cancelled": "late"}},
        "2026-03-12": {"repas": {"state": "booked"}, "atelier": {"state": "held"}},
    }

    needed = still_needed(days, today=TUESDAY, health={"pai"}, owed=True)

    assert {day: set(cells) for day, cells in needed.items()} == {
        "2026-03-09": {"repas"},
        "2026-03-10": {"garderie"},
        "2026-03-12": {"atelier"},
    }


def test_of_a_month_paid_before_nothing_is_owed() -> None:
    assert still_needed({"2026-03-09": {"a": {"state": "present"}}}, today=TUESDAY, health=(), owed=False) == {}


async def test_days_to_come_and_health_go_at_once_days_eaten_wait_for_their_invoice(
    rig: Rig, holdings: ReservationHoldings
) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.book(PAI, TUESDAY)
    await rig.book(REPAS, THURSDAY)
    await settled(rig)

    receipt = await holdings.erase(ME, AFTER_TWO_DAYS)

    assert kept(receipt) == {"days not_invoiced_yet": 1}
    assert erased(receipt)["days"] == 2
    assert [await rig.state(*slot) for slot in ((REPAS, MONDAY), (PAI, TUESDAY), (REPAS, THURSDAY))] == [
        "booked",
        None,
        None,
    ]


async def test_once_the_month_is_closed_the_last_days_go_too(rig: Rig, holdings: ReservationHoldings) -> None:
    await rig.book(REPAS, MONDAY)
    await settled(rig)
    await holdings.erase(ME, AFTER_TWO_DAYS)
    await rig.database["sheets"].update_many({}, {"$set": {"closed": True}})

    receipt = await holdings.erase(ME, AFTER_TWO_DAYS + timedelta(days=30))

    assert not receipt.kept
    assert await traces(rig, ME, child_of(1)) == set()


async def test_a_closed_month_is_told_before_it_is_forgotten(rig: Rig, holdings: ReservationHoldings) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.database["sheets"].update_many({}, {"$set": {"closed": True}})

    receipt = await holdings.erase(ME, AFTER_TWO_DAYS)

    assert kept(receipt) == {"days not_invoiced_yet": 1}
    assert await rig.told()


def waiting(family: int) -> Entry:
    return Entry(
        id=f"wle_{family}",
        household_id=household(family),
        municipality_id=TOWN,
        child_id=child_of(family),
        activity_id=ATELIER,
        date=MONDAY,
        key=f"a-key-of-{family}",
        fingerprint="f",
    )


async def test_who_waited_behind_an_erased_household_moves_up_and_who_comes_later_is_behind_them(
    rig: Rig, holdings: ReservationHoldings
) -> None:
    for family in (1, 2):
        await rig.stores.waiting.add(waiting(family), now=NOW)
    await settled(rig)

    await holdings.erase(ME, NOW)

    ranks = await rig.stores.waiting.of_child(household(2), child_of(2), [(ATELIER, MONDAY)])
    assert ranks == {(ATELIER, MONDAY): 1}
    assert (await rig.stores.waiting.add(waiting(3), now=NOW)).rank == 2
    assert await traces(rig, ME, child_of(1)) == set()


async def test_its_places_are_free_for_others_and_its_cart_is_gone(rig: Rig, holdings: ReservationHoldings) -> None:
    await rig.book(ATELIER, THURSDAY)
    await rig.choose(REPAS, THURSDAY)
    await settled(rig)

    receipt = await holdings.erase(ME, AFTER_TWO_DAYS)

    assert erased(receipt)["places"] == 1
    assert erased(receipt)["carts"] == 1
    assert await rig.places(ATELIER, THURSDAY) == []
    assert await rig.violations() == []


async def test_an_order_that_may_still_be_paid_stays_until_it_is_decided(
    rig: Rig, holdings: ReservationHoldings
) -> None:
    order = (await rig.book(JOURNEE, WEDNESDAY)).order
    assert order
    await settled(rig)

    receipt = await holdings.erase(ME, NOW)

    assert kept(receipt) == {"days not_invoiced_yet": 1, "orders payment_under_way": 1}
    assert await rig.places(JOURNEE, WEDNESDAY) == ["held"] or await rig.state(JOURNEE, WEDNESDAY) == "held"


async def test_money_for_an_order_of_an_erased_household_goes_back(rig: Rig, holdings: ReservationHoldings) -> None:
    order = (await rig.book(JOURNEE, WEDNESDAY)).order
    assert order
    await holdings.erase(ME, NOW)
    tombstones = TombstoneStore(rig.database)
    await tombstones.put(ME, NOW, kept=True)
    paid = OrderPaid(
        payment_id="pay_1",
        order_id=order.id,
        household_id=ME,
        municipality_id=TOWN,
        amount_cents=1200,
        paid_at=NOW,
    )
    told = Told(event=paid, id="1", subject="pay_1", sequence=1, municipality_id=TOWN, time=NOW)

    for _ in range(2):
        await settle_paid_order(
            told,
            tombstones=tombstones,
            books=rig.stores.books,
            catalogue=rig.stores.catalogue,
            roster=rig.stores.roster,
            carts=rig.stores.carts,
            clock=rig.clock,
        )

    facts = [topic for topic, _ in await rig.told("orders")]
    assert facts.count("places_lost") == 1
    assert await rig.state(JOURNEE, WEDNESDAY) is None
    assert await rig.violations() == []


async def test_nothing_of_the_neighbours_is_touched(rig: Rig, holdings: ReservationHoldings) -> None:
    for family in (1, 2):
        await rig.book(REPAS, MONDAY, family=family)
        await rig.choose(REPAS, THURSDAY, family=family)
    await settled(rig)

    await holdings.erase(ME, NOW)

    assert await rig.state(REPAS, MONDAY, family=2) == "booked"
    assert await traces(rig, household(2)) >= {"sheets", "carts", "roster"}


async def test_an_archive_has_the_household_s_days_and_enrolments_and_nobody_else_s(
    rig: Rig, holdings: ReservationHoldings
) -> None:
    for family in (1, 2):
        await rig.book(REPAS, MONDAY, family=family)

    (file,) = [file async for file in holdings.files(ME)]

    told = json.loads(file.content)
    assert [list(sheet["days"]) for sheet in told["sheets"]] == [[MONDAY.isoformat()]]
    assert len(told["enrolments"]) == 2
    assert household(2) not in file.content.decode()
    assert "idem" not in file.content.decode()


def retention(rig: Rig) -> ReservationRetention:
    return ReservationRetention(rig.database, cart_days=30, attendance_years=3)


async def closed(rig: Rig) -> None:
    await rig.database["sheets"].update_many({}, {"$set": {"closed": True}})
    await settled(rig)


async def test_health_is_forgotten_on_the_first_of_september_and_meals_are_not(rig: Rig) -> None:
    await rig.book(PAI, MONDAY)
    await rig.book(REPAS, TUESDAY)
    await closed(rig)

    before = await retention(rig).health(datetime(2026, 8, 31, 20, tzinfo=UTC))
    after = await retention(rig).health(datetime(2026, 9, 2, 0, tzinfo=UTC))

    assert (before, after) == (0, 1)
    assert await rig.state(PAI, MONDAY) is None
    assert await rig.state(REPAS, TUESDAY) == "booked"


async def test_attendance_is_forgotten_after_three_years(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await closed(rig)

    before = await retention(rig).attendance(datetime(2029, 3, 31, tzinfo=UTC))
    after = await retention(rig).attendance(datetime(2029, 4, 1, tzinfo=UTC))

    assert (before, after) == (0, 1)


async def test_a_cart_is_forgotten_after_thirty_idle_days(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)

    before = await retention(rig).carts(NOW + timedelta(days=30))
    after = await retention(rig).carts(NOW + timedelta(days=30, seconds=1))

    assert (before, after) == (0, 1)

"""From what other services tell to charge sheets, prices and orders, on a real database."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from services.billing.app.work import Stores, book_of, pricing_of
from services.billing.messages import HANDLERS
from services.billing.usecases.charge import charge_booking, close_sheet
from services.billing.usecases.hold_order import end_order, hold_order, refund_lost_places
from services.billing.usecases.import_quotients import import_quotients
from services.billing.usecases.import_tariff import import_tariff
from services.billing.usecases.learn import learn_household, learn_programme, learn_town
from services.billing.usecases.set_prices import join_family, set_due_prices
from shared.contracts import Told
from shared.contracts.billing import PricesSet, RefundDue
from shared.contracts.identity import (
    AdhesionJoined,
    HouseholdProfiled,
    MunicipalitySet,
    ProfiledChild,
    ProfiledGuardian,
)
from shared.contracts.reservations import (
    AttendanceMarked,
    BookingCancelled,
    BookingConfirmed,
    HeldLine,
    Mark,
    PlacesHeld,
    PlacesLost,
    PlacesReleased,
    ProgrammeActivity,
    ProgrammePublished,
    SheetDay,
)
from shared.contracts.reservations_at_the_door import AttendanceUnmarked, UnmarkedDay
from shared.errors import Conflict, Unavailable
from shared.mongo import Database
from shared.service import bind
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CANTEEN,
    CHILD_ID,
    FAMILY,
    HOUSEHOLD_ID,
    LEISURE,
    MEAL,
    MONTH,
    NOW,
    TARIFF,
    TOWN,
    TOWN_ID,
    WEDNESDAY,
    grid,
    payment,
    sheet_closed,
    sheet_id,
    told,
)
from tests.billing.telling import told_by

ABOUT: dict[str, Any] = {
    "municipality_id": TOWN_ID,
    "household_id": HOUSEHOLD_ID,
    "child_id": CHILD_ID,
    "programme_id": CANTEEN,
    "month": MONTH,
    "billing_mode": "postpaid",
}
SHEET = sheet_id()


def days(*numbers: int) -> tuple[SheetDay, ...]:
    return tuple(SheetDay(activity_id=MEAL, date=date(2026, 11, number)) for number in numbers)


def booked(sequence: int, *numbers: int) -> Told[BookingConfirmed]:
    event = BookingConfirmed(**ABOUT, regulation_version=3, days=days(*numbers))
    return told(event, subject=SHEET, sequence=sequence)


def cancelled(sequence: int, kind: Any, *numbers: int) -> Told[BookingCancelled]:
    event = BookingCancelled(**ABOUT, regulation_version=3, kind=kind, days=days(*numbers))
    return told(event, subject=SHEET, sequence=sequence)


def marked(sequence: int, outcome: Any, number: int) -> Told[AttendanceMarked]:
    mark = Mark(activity_id=MEAL, date=date(2026, 11, number), outcome=outcome)
    return told(AttendanceMarked(**ABOUT, marks=(mark,)), subject=SHEET, sequence=sequence)


def unmarked(sequence: int, number: int, state: Any, cancelled: Any = None) -> Told[AttendanceUnmarked]:
    day = UnmarkedDay(activity_id=MEAL, date=date(2026, 11, number), state=state, cancelled=cancelled)
    return told(AttendanceUnmarked(**ABOUT, days=(day,)), subject=SHEET, sequence=sequence)


class NobodyErased:
    async def erased_at(self, _: str) -> None:
        return None


async def hear(stores: Stores, *messages: Told[Any]) -> None:
    subscriptions = bind(
        HANDLERS,
        **vars(stores),
        book=book_of(stores),
        tombstones=NobodyErased(),
        nudge_runs=lambda: None,
        clock=lambda: NOW,
    )
    for message in messages:
        await subscriptions[type(message.event)](message)


async def charges(stores: Stores) -> dict[int, tuple[str, bool, int | None]]:
    sheet = await stores.sheets.get(HOUSEHOLD_ID, SHEET)
    assert sheet is not None
    return {
        line.date.day: (line.state, line.charged, int(line.price.cents) if line.price else None) for line in sheet.lines
    }


async def test_a_month_of_messages_makes_a_charge_sheet(town: Stores) -> None:
    await hear(
        town,
        booked(1, 2, 3, 5, 6, 9),
        cancelled(2, "in_time", 3),
        cancelled(3, "late", 5),
        marked(4, "present", 2),
        marked(5, "absent_unjustified", 6),
        marked(6, "absent_justified", 9),
        marked(7, "present_unbooked", 10),
    )

    assert await charges(town) == {
        2: ("present", True, 415),
        3: ("cancelled", False, None),
        5: ("cancelled", True, 415),
        6: ("absent_unjustified", True, 415),
        9: ("absent_justified", False, None),
        10: ("present_unbooked", True, 415),
    }


async def test_marks_taken_back_leave_what_was_there_before(town: Stores) -> None:
    await hear(
        town,
        booked(1, 2, 3, 5),
        cancelled(2, "late", 5),
        marked(3, "absent_justified", 2),
        marked(4, "present_unbooked", 5),
        marked(5, "present_unbooked", 10),
        unmarked(6, 2, "booked"),
        unmarked(7, 5, "cancelled", "late"),
        unmarked(8, 10, "cancelled", "service"),
    )

    assert await charges(town) == {
        2: ("booked", True, 415),
        3: ("booked", True, 415),
        5: ("cancelled", True, 415),
        10: ("cancelled", False, None),
    }


async def test_messages_in_any_order_and_twice_make_the_same_sheet(town: Stores, db: Database) -> None:
    messages = [booked(1, 2, 3), cancelled(2, "late", 3), marked(3, "present", 2), sheet_closed(2, 3), booked(11, 4)]
    await hear(town, *messages)
    expected = await charges(town)

    for seed in range(5):
        await db["sheets"].delete_many({})
        shuffled = messages * 2
        Random(seed).shuffle(shuffled)
        await hear(town, *shuffled)
        assert await charges(town) == expected


async def test_a_sheet_is_priced_by_the_quotient_of_each_day(town: Stores, clock: MovableClock) -> None:
    raw = "reference_famille;quotient;date_effet\nF001;500;10/11/2026\n"
    await import_quotients(
        TOWN_ID, raw.encode(), families=town.families, towns=town.copies, clock=clock, nudge=lambda: None
    )

    await hear(town, sheet_closed(9, 10))

    assert await charges(town) == {9: ("present", True, 415), 10: ("present", True, 100)}


async def test_a_booking_may_be_heard_before_the_adhesion(stores: Stores) -> None:
    await hear(stores, booked(1, 2))

    assert await charges(stores) == {2: ("booked", True, None)}


async def test_two_messages_at_once_do_not_lose_one(town: Stores) -> None:
    class Overtaken:
        """A second process writes between the read and the write."""

        async def get(self, household_id: str, name: str) -> Any:
            found = await town.sheets.get(household_id, name)
            await hear(town, booked(1, 2))
            return found

        async def save(self, sheet: Any) -> Any:
            return await town.sheets.save(sheet)

    late = booked(2, 3)
    with pytest.raises(Conflict):
        await charge_booking(late, sheets=Overtaken(), book=book_of(town))
    await hear(town, late)

    assert set(await charges(town)) == {2, 3}


async def test_a_closed_sheet_wakes_the_runs(town: Stores) -> None:
    woken = []

    await close_sheet(
        sheet_closed(2),
        sheets=town.sheets,
        book=book_of(town),
        nudge_runs=lambda: woken.append(1),
    )

    assert woken == [1]


ADHESION = AdhesionJoined(
    household_id=HOUSEHOLD_ID,
    municipality_id=TOWN_ID,
    family_file_id="ff_1",
    family_reference="F001",
    resident=True,
    children=(),
)


async def prices_told(db: Database) -> list[PricesSet]:
    return [event for event in await told_by(db, "price_lists") if isinstance(event, PricesSet)]


async def test_a_family_that_joins_is_told_its_prices(stores: Stores, db: Database, clock: MovableClock) -> None:
    await stores.tariffs.save(TARIFF)

    await join_family(told(ADHESION), pricing=pricing_of(stores, clock))

    (event,) = await prices_told(db)
    assert {price.activity_id: price.cents for price in event.prices}[MEAL] == 415
    assert not event.quotient_known
    listed = await stores.price_lists.of(HOUSEHOLD_ID, TOWN_ID)
    assert listed is not None
    assert listed.id == f"{HOUSEHOLD_ID}/{TOWN_ID}"


async def test_an_adhesion_told_again_tells_no_price_again(stores: Stores, db: Database, clock: MovableClock) -> None:
    await stores.tariffs.save(TARIFF)
    for _ in range(2):
        await join_family(told(ADHESION), pricing=pricing_of(stores, clock))

    assert len(await prices_told(db)) == 1


async def test_a_quotient_changes_prices_and_they_are_told(town: Stores, db: Database, clock: MovableClock) -> None:
    pricing = pricing_of(town, clock)
    await join_family(told(ADHESION, sequence=2), pricing=pricing)
    raw = b"reference_famille;quotient;date_effet\nF001;500;01/12/2026\nF777;10;01/12/2026\n"

    report = await import_quotients(
        TOWN_ID, raw, families=town.families, towns=town.copies, clock=clock, nudge=lambda: None
    )
    await set_due_prices(pricing)

    assert (report.outcomes["created"], report.waiting) == (2, 1)
    before, after = await prices_told(db)
    assert {price.activity_id: price.cents for price in before.prices}[MEAL] == 415
    assert {price.activity_id: price.cents for price in after.prices}[MEAL] == 100
    assert after.quotient_known


async def test_a_quotient_of_next_month_is_told_when_its_day_begins(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    pricing = pricing_of(town, clock)
    await join_family(told(ADHESION, sequence=2), pricing=pricing)
    raw = b"reference_famille;quotient;date_effet\nF001;500;01/01/2027\n"
    await import_quotients(TOWN_ID, raw, families=town.families, towns=town.copies, clock=clock, nudge=lambda: None)
    await set_due_prices(pricing)
    assert len(await prices_told(db)) == 1

    clock.move(days=30, hours=13)
    await set_due_prices(pricing)
    assert len(await prices_told(db)) == 1
    clock.move(hours=2)
    await set_due_prices(pricing)

    assert [{price.activity_id: price.cents for price in event.prices}[MEAL] for event in await prices_told(db)] == [
        415,
        100,
    ]


async def test_a_new_tariff_reaches_every_family_also_after_a_crash(
    town: Stores, db: Database, clock: MovableClock
) -> None:
    pricing = pricing_of(town, clock)
    await join_family(told(ADHESION, sequence=2), pricing=pricing)
    dearer = grid("soir", "sainte-aurore.soir", version=2, valid_from=date(2026, 12, 2))

    published = await import_tariff(
        TOWN_ID, [], [dearer], tariffs=town.tariffs, copies=town.copies, runs=town.runs, nudge=lambda: None, clock=clock
    )
    assert published.grids == ("created",)
    # A process that dies here leaves a tariff that is not spread; the next one takes it up.
    assert await set_due_prices(pricing_of(Stores(db, lambda _: None, clock), clock)) == 1
    assert len(await prices_told(db)) == 1
    clock.move(days=1)
    assert await set_due_prices(pricing) == 1

    assert len(await prices_told(db)) == 2
    assert await set_due_prices(pricing) == 0


async def test_an_import_that_changes_nothing_raises_no_version(town: Stores, clock: MovableClock) -> None:
    published = await import_tariff(
        TOWN_ID,
        TARIFF.cash_offices,
        TARIFF.grids,
        tariffs=town.tariffs,
        copies=town.copies,
        runs=town.runs,
        nudge=lambda: None,
        clock=clock,
    )

    assert published.tariff.version == 1


async def test_prices_need_a_tariff(stores: Stores, db: Database, clock: MovableClock) -> None:
    await join_family(told(ADHESION), pricing=pricing_of(stores, clock))

    assert await prices_told(db) == []


async def test_copies_keep_the_newest_telling(stores: Stores) -> None:
    settings = {"school_zone": "B", "public_holidays": "metropole", "opening_view": "agenda", "services": ()}
    town = {name: value for name, value in vars(TOWN).items() if name != "id"}
    new = MunicipalitySet(municipality_id=TOWN_ID, **{**town, "name": "Sainte-Aurore-sur-Mer"}, **settings)
    old = MunicipalitySet(municipality_id=TOWN_ID, **town, **settings)

    await learn_town(told(new, sequence=2), copies=stores.copies)
    await learn_town(told(old, sequence=1), copies=stores.copies)

    kept = await stores.copies.town(TOWN_ID)
    assert kept == replace(TOWN, name="Sainte-Aurore-sur-Mer")


async def test_households_and_programmes_are_kept_as_told(stores: Stores, clock: MovableClock) -> None:
    profile = HouseholdProfiled(
        household_id=HOUSEHOLD_ID,
        name="Martin",
        municipality_ids=(TOWN_ID,),
        guardians=(ProfiledGuardian(guardian_id="grd_1", civility="Mme", first_name="Claire", last_name="Martin"),),
        children=(ProfiledChild(child_id=CHILD_ID, first_name="Zoé", last_name="Martin", birth_date=date(2018, 3, 4)),),
    )
    programme = ProgrammePublished(
        municipality_id=TOWN_ID,
        programme_id=CANTEEN,
        name="Restaurant",
        billing_mode="postpaid",
        regulation_version=1,
        activities=(ProgrammeActivity(activity_id=MEAL, name="REPAS"),),
    )
    pricing = pricing_of(stores, clock)
    await learn_household(told(profile), copies=stores.copies, families=stores.families, pricing=pricing)
    await learn_programme(told(programme), copies=stores.copies)

    household = await stores.copies.household(HOUSEHOLD_ID)
    assert household is not None
    assert household.children[0].first_name == "Zoé"
    assert household.guardians[0].email == ""
    (kept,) = await stores.copies.programmes(TOWN_ID)
    assert kept.activities[0].name == "REPAS"


def held(*numbers: int) -> Told[PlacesHeld]:
    lines = tuple(
        HeldLine(child_id=CHILD_ID, programme_id=LEISURE, activity_id=WEDNESDAY, date=date(2026, 12, number))
        for number in numbers
    )
    event = PlacesHeld(
        order_id="ord_1",
        municipality_id=TOWN_ID,
        household_id=HOUSEHOLD_ID,
        lines=lines,
        expires_at=NOW + timedelta(minutes=20),
    )
    return told(event, subject="ord_1")


async def test_an_order_is_priced_when_its_places_are_held_and_never_again(town: Stores) -> None:
    parts: dict[str, Any] = {"orders": town.orders, "book": book_of(town)}
    await hold_order(held(9, 16), **parts)
    tariff = await town.tariffs.of(TOWN_ID)
    dearer = tuple(
        replace(one, brackets=tuple(replace(step, cents=step.cents * 2) for step in one.brackets))
        for one in tariff.grids
    )
    await town.tariffs.save(replace(tariff, grids=dearer))
    await hold_order(held(9, 16), **parts)

    order = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    assert order is not None
    assert order.amount_cents == 2400


async def test_an_order_without_a_price_is_told_again_later(stores: Stores) -> None:
    await stores.families.save(FAMILY)

    with pytest.raises(Unavailable):
        await hold_order(held(9), orders=stores.orders, book=book_of(stores))


async def test_the_end_of_a_hold_may_be_heard_before_its_beginning(town: Stores) -> None:
    released = PlacesReleased(order_id="ord_1", municipality_id=TOWN_ID, household_id=HOUSEHOLD_ID, reason="expired")
    await end_order(told(released, sequence=2), orders=town.orders)
    await hold_order(held(9), orders=town.orders, book=book_of(town))
    await end_order(told(released, sequence=2), orders=town.orders)

    order = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    assert order is not None
    assert (order.ended, order.amount_cents) == ("expired", 1200)


def lost(*numbers: int) -> Told[PlacesLost]:
    event = PlacesLost(
        order_id="ord_1", municipality_id=TOWN_ID, household_id=HOUSEHOLD_ID, lines=held(*numbers).event.lines
    )
    return told(event, event_id="lost-1", subject="ord_1")


async def test_lost_places_are_due_back_once(town: Stores, db: Database, clock: MovableClock) -> None:
    await hold_order(held(9, 16), orders=town.orders, book=book_of(town))
    parts: dict[str, Any] = {"orders": town.orders, "payments": town.payments, "clock": clock}
    with pytest.raises(Unavailable):
        await refund_lost_places(lost(16), **parts)
    paid = payment(order_id="ord_1", claims=("ord_1",), state="paid", amount_cents=2400, allocations=(), paid_at=NOW)
    await town.payments.add(paid, [])
    await town.orders.pay(HOUSEHOLD_ID, "ord_1", paid.id, 2400, NOW)

    for _ in range(2):
        await refund_lost_places(lost(16), **parts)

    (event,) = await told_by(db, "payments")
    assert isinstance(event, RefundDue)
    assert (event.amount_cents, event.reason, event.order_id) == (1200, "places-lost", "ord_1")
    order = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    assert order is not None
    assert order.lost

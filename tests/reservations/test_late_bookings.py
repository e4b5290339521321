"""Booking and cancelling after the deadline, as far as the regulation still takes it, from the cart to what is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.late import Surcharge
from services.reservations.usecases.close_month import ClosingAsked, close_month
from services.reservations.usecases.import_programmes import import_programmes
from services.reservations.usecases.show_cart import show_cart
from services.reservations.usecases.undo_lines import undo_lines
from services.reservations.usecases.write_lines import Share, write_lines
from shared.mongo import Database
from tests.reservations.asking import Http, keyed
from tests.reservations.rig import (
    JOURNEE,
    REPAS,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    set_up,
    sheet_key,
    town_file,
)
from tests.reservations.sample_town import TOWN

MORNING = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
"""Tuesday at six: too late for Tuesday's meal, and the day before Wednesday's centre opens."""
AT_NINE = {"shape": "calendar_days_before", "days": 0, "time": "09:00"}
HALF_MORE = {"id": "tardif", "action": "book", "effect": "surcharge", "surcharge": {"percent": 50}, "until": AT_NINE}
CHARGED = {"id": "annulation-tardive", "action": "cancel", "effect": "charged", "until": AT_NINE}


@pytest.fixture
async def rig(books: Database) -> Rig:
    rig = await set_up(books)
    file = town_file().model_dump(mode="json", by_alias=True, exclude_none=True)
    for programme in file["programmes"]:
        programme["regulation"] |= {"version": 4, "late": [HALF_MORE, CHARGED]}
    await import_programmes(TOWN, CatalogueFile.model_validate(file), catalogue=rig.stores.catalogue, clock=rig.clock)
    rig.now = MORNING
    return rig


async def told(rig: Rig, kind: str, collection: str = "sheets") -> list[dict[str, Any]]:
    return [data for name, data in await rig.told(collection) if name == kind]


async def test_a_late_day_is_booked_at_once_and_told_with_its_surcharge(rig: Rig) -> None:
    booked = await rig.book(REPAS, TUESDAY)

    assert (booked.outcome, booked.late, booked.surcharge) == ("confirmed", "tardif", Surcharge(percent=50))
    [fact] = await told(rig, "booking_confirmed")
    [day] = fact["days"]
    assert (day["late"], day["surcharge_percent"], day["surcharge_cents"]) == ("tardif", 50, None)


async def test_a_day_in_time_costs_what_it_costs(rig: Rig) -> None:
    rig.now = MORNING - timedelta(days=8)

    booked = await rig.book(REPAS, TUESDAY)

    assert (booked.late, booked.surcharge) == ("", None)


async def test_the_same_key_answers_with_the_same_surcharge(rig: Rig) -> None:
    first = await rig.book(REPAS, TUESDAY, key="one-key-only")

    assert (await rig.book(REPAS, TUESDAY, key="one-key-only")).surcharge == first.surcharge == Surcharge(percent=50)


async def test_the_cart_says_the_surcharge_before_it_is_validated(rig: Rig) -> None:
    await rig.choose(REPAS, TUESDAY)

    view = await show_cart(household(1), rig.stores.window(rig.clock))

    [line] = view.lines
    assert line.tier is not None
    assert (line.refusal, line.tier.surcharge) == (None, Surcharge(percent=50))
    [outcome] = (await rig.validate()).outcomes
    assert (outcome.outcome, outcome.late, outcome.surcharge) == ("confirmed", "tardif", Surcharge(percent=50))


async def test_a_validation_asked_for_again_still_says_it(rig: Rig) -> None:
    await rig.choose(REPAS, TUESDAY)
    await rig.validate(key="one-key-only")

    [outcome] = (await rig.validate(key="one-key-only")).outcomes

    assert outcome.surcharge == Surcharge(percent=50)


async def test_a_late_cancellation_is_told_as_late_and_named(rig: Rig) -> None:
    rig.now = MORNING - timedelta(days=8)
    await rig.book(REPAS, TUESDAY)
    rig.now = MORNING
    await rig.choose(REPAS, TUESDAY, action="cancel")

    [outcome] = (await rig.validate()).outcomes

    assert (outcome.outcome, outcome.late) == ("cancelled", "annulation-tardive")
    [fact] = await told(rig, "booking_cancelled")
    assert (fact["kind"], fact["days"][0]["late"]) == ("late", "annulation-tardive")


async def test_a_late_prepaid_day_is_held_at_its_dearer_price(rig: Rig) -> None:
    rig.now = MORNING + timedelta(days=1)

    booked = await rig.book(JOURNEE, WEDNESDAY)

    assert booked.outcome == "held"
    [held] = await told(rig, "places_held", "orders")
    assert [line["surcharge_percent"] for line in held["lines"]] == [50]
    assert booked.order is not None
    await rig.pay(booked.order.id)
    [fact] = await told(rig, "booking_confirmed")
    assert fact["days"][0]["surcharge_percent"] == 50


async def test_a_late_prepaid_day_of_a_cart_is_held_at_its_dearer_price(rig: Rig) -> None:
    rig.now = MORNING + timedelta(days=1)
    await rig.choose(JOURNEE, WEDNESDAY)

    await rig.validate()

    [held] = await told(rig, "places_held", "orders")
    assert [line["surcharge_percent"] for line in held["lines"]] == [50]


async def test_a_closed_month_tells_every_surcharge_again(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    rig.now = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)
    asked = ClosingAsked(
        municipality_id=TOWN,
        programme_id=f"{TOWN}.restaurant",
        month="2026-03",
        accept_anomalies=True,
        key="key-close",
        fingerprint="f",
    )

    await close_month(asked, rig.stores.office(rig.clock))

    [fact] = await told(rig, "sheet_closed")
    assert [(one["late"], one["surcharge_percent"]) for one in fact["days"]] == [("tardif", 50)]


async def test_the_family_reads_what_it_costs(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    body = {"child_id": child_of(1), "activity_id": REPAS, "date": TUESDAY.isoformat()}

    shown = await (await http.post("/api/v1/bookings", json=body, headers=keyed(parent))).json()

    late = {"rule": "tardif", "effect": "surcharge", "surcharge_percent": 50, "surcharge_cents": None}
    assert (shown["outcome"], shown["late"]) == ("confirmed", late)
    assert date.fromisoformat(shown["date"]) == TUESDAY


async def test_a_prepaid_day_cancelled_with_a_cart_that_came_to_nothing_is_not_booked_for_free(rig: Rig) -> None:
    rig.now = MORNING - timedelta(days=4)
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    await rig.pay(booked.order.id)
    town = await rig.stores.catalogue.town(TOWN)
    share = Share(
        sheet_key=sheet_key(JOURNEE, WEDNESDAY),
        lines=(replace(booked.line, action="cancel"),),
        town=town,
        child=await rig.stores.roster.child(child_of(1), household(1), TOWN),
        now=rig.now,
        key="val_1/sheet",
        fingerprint="f",
        all_or_none=True,
    )
    await write_lines(share, rig.stores.books)

    await undo_lines(share, rig.stores.books)

    assert await rig.state(JOURNEE, WEDNESDAY) == "cancelled"
    await rig.let_holds_end()
    await rig.sweep()
    assert (await rig.places(JOURNEE, WEDNESDAY), await rig.violations()) == ([], [])

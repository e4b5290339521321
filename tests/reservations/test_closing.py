"""Closing a month, on a real database."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.reservations.domain.closing import Closing
from services.reservations.domain.refusals import (
    AlreadyClosed,
    DaysUnmarked,
    MonthIsClosed,
    MonthNotOver,
    PaymentsPending,
)
from services.reservations.usecases.close_month import ClosingAsked, close_month
from shared.errors import KeyReused, NotFound
from tests.reservations.marking import mark
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, REPAS, TOWN, TUESDAY, WEDNESDAY, Rig, programme
from tests.reservations.test_crashes import Crash, dying

APRIL = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
LAST_EVENING_IN_PARIS = datetime(2026, 3, 31, 21, 59, tzinfo=UTC)
FIRST_MORNING_IN_PARIS = datetime(2026, 3, 31, 22, 1, tzinfo=UTC)


async def close(rig: Rig, code: str = "restaurant", **changes: Any) -> Closing:
    asked = {
        "municipality_id": TOWN,
        "programme_id": programme(code),
        "month": "2026-03",
        "accept_anomalies": True,
        "key": "closing-key",
        "fingerprint": "f",
        **changes,
    }
    return await close_month(ClosingAsked(**asked), rig.stores.office(rig.clock))


@pytest.fixture
async def april(rig: Rig) -> Rig:
    """March is over: two children were booked, one of them marked."""
    await rig.choose(REPAS, MONDAY, TUESDAY)
    await rig.validate()
    await rig.book(REPAS, MONDAY, family=2)
    await rig.book(ATELIER, MONDAY)
    rig.now = APRIL
    await mark(rig, MONDAY, chd_1_1="present")
    return rig


async def test_every_sheet_tells_its_days_and_the_month_counts_them(april: Rig) -> None:
    closing = await close(april)

    assert (closing.state, closing.sheets) == ("closed", 2)
    told = {told["child_id"]: told for name, told in await april.told() if name == "sheet_closed"}
    assert [(day["date"], day["state"]) for day in told["chd_1_1"]["days"]] == [
        ("2026-03-09", "present"),
        ("2026-03-10", "booked"),
    ]
    ((name, month),) = await april.told("closings")
    assert (name, month["sheets"], month["closing_id"]) == ("month_closed", 2, closing.id)


async def test_booked_days_nobody_marked_must_be_accepted(april: Rig) -> None:
    with pytest.raises(DaysUnmarked) as refused:
        await close(april, accept_anomalies=False)

    assert refused.value.facts["count"] == 2
    assert refused.value.facts["anomalies"][0]["date"] == "2026-03-10"
    closing = await close(april)
    assert [(anomaly.child_id, anomaly.date) for anomaly in closing.anomalies] == [
        ("chd_1_1", TUESDAY),
        ("chd_2_1", MONDAY),
    ]


async def test_a_month_ends_on_the_clock_of_the_town(rig: Rig) -> None:
    rig.now = LAST_EVENING_IN_PARIS
    with pytest.raises(MonthNotOver) as refused:
        await close(rig)
    assert refused.value.facts["date"].isoformat() == "2026-04-01"

    rig.now = FIRST_MORNING_IN_PARIS
    assert (await close(rig)).state == "closed"


async def test_the_same_key_answers_the_same_and_another_is_refused(april: Rig) -> None:
    first = await close(april)

    assert await close(april) == first
    with pytest.raises(KeyReused):
        await close(april, fingerprint="other")
    with pytest.raises(AlreadyClosed):
        await close(april, key="another-key")
    assert len(await april.told("closings")) == 1


async def test_the_same_closing_sent_twice_at_once_is_told_once(april: Rig) -> None:
    await asyncio.gather(close(april), close(april), return_exceptions=True)

    assert len(await april.told("closings")) == 1
    assert sum(name == "sheet_closed" for name, _ in await april.told()) == 2


async def test_other_programmes_and_towns_are_left_alone(april: Rig) -> None:
    await close(april)

    assert not (await april.sheet(ATELIER, MONDAY)).closed
    with pytest.raises(NotFound):
        await close(april, municipality_id="le-val-dore")
    with pytest.raises(NotFound):
        await close(april, programme_id=f"{TOWN}.rien")


async def test_a_month_waits_for_the_payments_under_way(rig: Rig) -> None:
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    rig.now = APRIL

    with pytest.raises(PaymentsPending):
        await close(rig, "loisirs")
    await rig.pay(booked.order.id)
    assert (await close(rig, "loisirs")).sheets == 1


async def test_paid_after_the_month_was_closed_is_lost(rig: Rig) -> None:
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    await rig.let_holds_end()
    await rig.sweep()
    rig.now = APRIL
    await close(rig, "loisirs")

    await rig.pay(booked.order.id)

    assert [name for name, _ in await rig.told("orders")] == ["places_held", "places_released", "places_lost"]
    assert await rig.places(JOURNEE, WEDNESDAY) == []
    assert await rig.violations() == []


async def test_a_closed_month_shows_in_the_cart_as_closed(april: Rig) -> None:
    await close(april)
    april.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    with pytest.raises(MonthIsClosed):
        await april.choose(REPAS, MONDAY, action="cancel")


@pytest.mark.parametrize(("method", "done"), [("begin", True), ("finish", False), ("finish", True)])
async def test_a_closing_cut_off_is_finished_by_its_key_or_by_the_sweeper(april: Rig, method: str, done: bool) -> None:
    with dying(april, "closings", method, done=done), pytest.raises(Crash):
        await close(april)
    await april.database["closings"].update_many({}, {"$set": {"seen": datetime(2020, 1, 1, tzinfo=UTC)}})

    await april.sweep()
    closing = await close(april)

    assert (closing.state, closing.sheets) == ("closed", 2)
    assert sum(name == "sheet_closed" for name, _ in await april.told()) == 2
    assert len(await april.told("closings")) == 1

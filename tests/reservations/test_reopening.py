"""Opening a closed month again for corrections, on a real database."""

import asyncio
from typing import Any

import pytest

from services.reservations.domain.closing import Closing
from services.reservations.domain.refusals import AlreadyClosed, MonthIsClosed
from services.reservations.domain.refusals_of_closing import MonthNotClosed
from services.reservations.usecases.reopen_month import ReopeningAsked, reopen_month
from shared.errors import KeyReused, NotFound
from tests.reservations.marking import mark
from tests.reservations.rig import MONDAY, REPAS, TOWN, TUESDAY, Rig, programme
from tests.reservations.test_closing import APRIL, close
from tests.reservations.test_crashes import Crash, dying


async def reopen(rig: Rig, **changes: Any) -> Closing:
    asked = {
        "municipality_id": TOWN,
        "programme_id": programme("restaurant"),
        "month": "2026-03",
        "reason": "Un pointage oublié",
        "by": "acc_1",
        "key": "reopening-key",
        "fingerprint": "f",
        **changes,
    }
    return await reopen_month(ReopeningAsked(**asked), rig.stores.office(rig.clock))


@pytest.fixture
async def closed(rig: Rig) -> Rig:
    """March is closed: one child ate once, another day was not marked."""
    await rig.choose(REPAS, MONDAY, TUESDAY)
    await rig.validate()
    rig.now = APRIL
    await mark(rig, MONDAY, chd_1_1="present")
    await close(rig)
    return rig


async def test_a_reopened_month_is_corrected_and_told_anew(closed: Rig) -> None:
    taken_back = await reopen(closed)
    await mark(closed, TUESDAY, chd_1_1="absent_justified")
    again = await close(closed, key="second-closing")

    assert (taken_back.state, again.state, again.round) == ("reopened", "closed", 2)
    assert again.id == f"{taken_back.id}_2"
    names = [name for name, _ in await closed.told("closings")]
    assert sorted(names) == ["month_closed", "month_closed", "month_reopened"]
    told = [event for name, event in await closed.told() if name == "sheet_closed"]
    assert [event["closing_id"] for event in told] == [taken_back.id, again.id]
    assert [day["state"] for day in told[-1]["days"]] == ["present", "absent_justified"]


async def test_a_closed_month_that_stands_is_closed_once(closed: Rig) -> None:
    await reopen(closed)
    await close(closed, key="second-closing")

    with pytest.raises(AlreadyClosed):
        await close(closed, key="third-closing")
    with pytest.raises(MonthIsClosed):
        await mark(closed, TUESDAY, chd_1_1="present")


async def test_only_a_closed_month_can_be_reopened(rig: Rig) -> None:
    rig.now = APRIL
    with pytest.raises(MonthNotClosed):
        await reopen(rig)
    with pytest.raises(NotFound):
        await reopen(rig, municipality_id="le-val-dore")


async def test_the_same_key_answers_the_same_and_takes_nothing_back_twice(closed: Rig) -> None:
    first = await reopen(closed)

    assert await reopen(closed) == first
    with pytest.raises(KeyReused):
        await reopen(closed, fingerprint="other")
    with pytest.raises(MonthNotClosed):
        await reopen(closed, key="another-key")
    assert (first.reopening.reason, first.reopening.by) == ("Un pointage oublié", "acc_1")  # type: ignore[union-attr]  # it was reopened


async def test_two_at_once_reopen_once(closed: Rig) -> None:
    await asyncio.gather(reopen(closed), reopen(closed, key="another-key"), return_exceptions=True)

    assert [name for name, _ in await closed.told("closings")].count("month_reopened") == 1


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("method", ["begin_reopening", "finish_reopening"])
async def test_a_reopening_cut_off_is_finished_under_its_key(closed: Rig, method: str, done: bool) -> None:
    with dying(closed, "closings", method, done=done), pytest.raises(Crash):
        await reopen(closed)

    assert (await reopen(closed)).state == "reopened"
    assert not (await closed.sheet(REPAS, MONDAY)).closed
    assert [name for name, _ in await closed.told("closings")].count("month_reopened") == 1


async def test_a_reopening_cut_off_is_finished_by_the_sweeper(closed: Rig) -> None:
    with dying(closed, "closings", "finish_reopening", done=False), pytest.raises(Crash):
        await reopen(closed)
    await closed.database["closings"].update_many({}, {"$set": {"seen": APRIL.replace(year=2020)}})

    await closed.sweep()

    assert [name for name, _ in await closed.told("closings")].count("month_reopened") == 1

"""One tap: a day booked by itself, on a real database."""

import asyncio
from datetime import date

import pytest

from services.reservations.domain.refusals import AlreadyBooked, NoPlaceLeft
from services.reservations.domain.refusals_of_days import DeadlinePassed, ExcludedBy, NotThatWeekday, RequiredFirst
from shared.errors import KeyReused, NotFound
from tests.reservations.rig import (
    ATELIER,
    AVANT,
    MONDAY,
    PAI,
    REPAS,
    SOIR_1,
    SOIR_2,
    TUESDAY,
    WEDNESDAY,
    Rig,
)


async def test_a_booked_day_is_one_write_and_one_fact(rig: Rig) -> None:
    booked = await rig.book(REPAS, MONDAY)

    sheet = await rig.sheet(REPAS, MONDAY)
    assert (booked.outcome, sheet.state((REPAS, MONDAY)), sheet.revision, sheet.version) == (
        "confirmed",
        "booked",
        1,
        1,
    )
    ((name, told),) = await rig.told()
    assert name == "booking_confirmed"
    (day,) = told["days"]
    assert (day["activity_id"], day["date"], day["late"], day["surcharge_cents"]) == (REPAS, "2026-03-09", "", None)
    assert (told["household_id"], told["month"], told["billing_mode"]) == ("hsh_1", "2026-03", "postpaid")


async def test_days_of_one_month_share_a_sheet_and_keep_their_order(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, TUESDAY)

    sheets = [found async for found in rig.database["sheets"].find()]
    assert [sheet["_id"] for sheet in sheets] == ["sht_chd_1_1_sainte-aurore.restaurant_2026-03"]
    assert [name for name, _ in await rig.told()] == ["booking_confirmed", "booking_confirmed"]
    assert (await rig.sheet(REPAS, MONDAY)).version == 2


async def test_the_same_key_answers_the_same_and_books_once(rig: Rig) -> None:
    first = await rig.book(REPAS, MONDAY, key="one-key-only")
    again = await rig.book(REPAS, MONDAY, key="one-key-only")

    assert (again.outcome, again.line.slot) == (first.outcome, first.line.slot)
    assert len(await rig.told()) == 1


async def test_the_same_key_sent_many_times_at_once_books_once(rig: Rig) -> None:
    answers = await asyncio.gather(*(rig.book(REPAS, MONDAY, key="one-key-only") for _ in range(8)))

    assert {answer.outcome for answer in answers} == {"confirmed"}
    assert len(await rig.told()) == 1


@pytest.mark.parametrize("other", [TUESDAY, date(2026, 4, 7)])
async def test_a_key_used_for_another_day_is_refused_in_this_month_and_in_another(rig: Rig, other: date) -> None:
    await rig.book(REPAS, MONDAY, key="one-key-only")

    with pytest.raises(KeyReused):
        await rig.book(REPAS, other, key="one-key-only", fingerprint="other")
    assert await rig.state(REPAS, other) is None


async def test_two_families_may_choose_the_same_key(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY, key="one-key-only")
    await rig.book(REPAS, MONDAY, key="one-key-only", family=2)

    assert await rig.state(REPAS, MONDAY, family=2) == "booked"


async def test_a_booked_day_is_not_booked_again(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)

    with pytest.raises(AlreadyBooked):
        await rig.book(REPAS, MONDAY)


async def test_guardians_who_tap_the_same_day_at_once_book_it_once(rig: Rig) -> None:
    answers = await asyncio.gather(*(rig.book(REPAS, MONDAY) for _ in range(6)), return_exceptions=True)

    assert sum(isinstance(answer, AlreadyBooked) for answer in answers) == 5
    assert len(await rig.told()) == 1


async def test_guardians_who_tap_different_days_at_once_book_them_all(rig: Rig) -> None:
    days = [date(2026, 3, day) for day in (9, 10, 12, 13, 16, 17)]

    await asyncio.gather(*(rig.book(REPAS, day) for day in days))

    assert (await rig.sheet(REPAS, MONDAY)).version == 6
    assert [await rig.state(REPAS, day) for day in days] == ["booked"] * 6


async def test_a_meal_and_the_meal_brought_from_home_exclude_each_other(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)

    with pytest.raises(ExcludedBy):
        await rig.book(PAI, MONDAY)


async def test_the_club_before_lunch_is_open_on_a_wednesday_without_a_meal(rig: Rig) -> None:
    with pytest.raises(NotThatWeekday):
        await rig.book(REPAS, WEDNESDAY)

    assert (await rig.book(AVANT, WEDNESDAY)).outcome == "confirmed"


async def test_the_second_evening_needs_the_first(rig: Rig) -> None:
    with pytest.raises(RequiredFirst):
        await rig.book(SOIR_2, MONDAY)

    await rig.book(SOIR_1, MONDAY)
    assert (await rig.book(SOIR_2, MONDAY)).outcome == "confirmed"


async def test_a_day_past_its_limit_is_refused_with_the_rule(rig: Rig) -> None:
    with pytest.raises(DeadlinePassed) as refused:
        await rig.book(REPAS, date(2026, 3, 3))

    assert (refused.value.facts["rule"], refused.value.facts["rule_version"]) == ("j-2", 3)


async def test_a_child_of_another_household_is_not_found(rig: Rig) -> None:
    with pytest.raises(NotFound):
        await rig.book(REPAS, MONDAY, family=3)
    with pytest.raises(NotFound):
        await rig.book(f"{REPAS}-inconnu", MONDAY)


async def test_a_limited_day_takes_a_place_and_the_last_one_fills_it(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.book(ATELIER, MONDAY, child=2)

    assert await rig.places(ATELIER, MONDAY) == ["confirmed", "confirmed"]
    with pytest.raises(NoPlaceLeft) as refused:
        await rig.book(ATELIER, MONDAY, family=2)
    assert refused.value.facts["next_href"] == "/api/v1/waiting-list-entries"
    assert await rig.state(ATELIER, MONDAY, family=2) is None
    assert await rig.violations() == []


async def test_the_same_key_on_a_limited_day_takes_one_place(rig: Rig) -> None:
    await asyncio.gather(*(rig.book(ATELIER, MONDAY, key="one-key-only") for _ in range(6)))

    assert await rig.places(ATELIER, MONDAY) == ["confirmed"]
    assert await rig.violations() == []

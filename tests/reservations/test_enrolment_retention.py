"""How long who was enrolled where is kept, and what a child does not eat."""

from dataclasses import replace
from datetime import UTC, date, datetime

from services.reservations.domain.enrolments import Enrolled
from services.reservations.store.retention import ReservationRetention
from tests.reservations.rig import TOWN, Rig, child_of, enrolled, household


def retention(rig: Rig) -> ReservationRetention:
    return ReservationRetention(rig.database, cart_days=30, attendance_years=3)


async def test_enrolments_go_three_years_after_their_last_day(rig: Rig) -> None:
    await rig.stores.roster.save_enrolled(TOWN, {"E9": enrolled()})

    before = await retention(rig).enrolments(datetime(2029, 7, 3, tzinfo=UTC))
    after = await retention(rig).enrolments(datetime(2029, 7, 4, tzinfo=UTC))

    assert (before, after) == (0, 5)
    assert await rig.database["roster"].count_documents({"reference": "E9"}) == 0
    assert (await rig.stores.roster.child(child_of(1), household(1), TOWN)).enrolments == ()


async def test_what_a_child_does_not_eat_goes_with_the_school_year(rig: Rig) -> None:
    meals = enrolled(["restaurant"]).enrolments[0]
    later = replace(meals, starts=date(2026, 9, 1), ends=date(2027, 7, 2))
    diets = tuple(replace(one, diet="sans-porc") for one in (meals, later))
    await rig.stores.roster.save_enrolled(TOWN, {"E9": Enrolled(enrolments=diets)})

    before = await retention(rig).diets(datetime(2026, 8, 31, 20, tzinfo=UTC))
    after = await retention(rig).diets(datetime(2026, 9, 2, tzinfo=UTC))

    assert (before, after) == (0, 1)
    kept = (await rig.stores.roster.enrolled(TOWN, ["E9"]))["E9"]
    assert [one.diet for one in kept.enrolments] == ["", "sans-porc"]
    assert (await retention(rig).diets(datetime(2026, 9, 2, tzinfo=UTC)), kept.version) == (0, 2)

"""A child of two households of one town: two sheets, one child, no meal twice."""

import asyncio
from datetime import date

import pytest

from services.reservations.domain.refusals_of_custody import BookedElsewhere, OtherHouseholdsDay
from services.reservations.usecases.book_day import Wish, book_day
from services.reservations.usecases.close_month import ClosingAsked, close_month
from services.reservations.usecases.list_bookings import list_bookings
from services.reservations.usecases.mark_attendance import list_attendance
from services.reservations.usecases.show_month import show_month, show_month_to_agent
from shared.contracts.households import CustodyPlan, CustodyPlanned
from shared.contracts.identity import AdhesionEnded, AdhesionJoined, JoinedChild
from shared.errors import NotFound, Refused
from shared.former_households import WithFormers
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.marking import mark
from tests.reservations.rig import (
    ATELIER,
    FRIDAY,
    JOURNEE,
    MONDAY,
    PAI,
    REPAS,
    SITE,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    programme,
)
from tests.reservations.sample_town import TOWN

ZOE, OURS, THEIRS = child_of(1), household(1), household(2)
RESTAURANT = programme("restaurant")


@pytest.fixture
async def both(rig: Rig) -> Rig:
    """The first child of the first family lives with the second as well."""
    told = AdhesionJoined(
        household_id=THEIRS,
        municipality_id=TOWN,
        family_file_id="ff_2",
        family_reference="F2",
        resident=True,
        children=(
            JoinedChild(child_id=ZOE, reference="E1-1"),
            JoinedChild(child_id=child_of(2, 1), reference="E2-1"),
        ),
    )
    await rig.stores.roster.link_children(told, 2)
    return rig


async def book(rig: Rig, activity: str, day: date, home: str, key: str = "") -> None:
    stores = rig.stores
    wish = Wish(
        household_id=home, child_id=ZOE, activity_id=activity, date=day, key=key or rig.a_key(), fingerprint="f"
    )
    await book_day(wish, catalogue=stores.catalogue, roster=stores.roster, books=stores.books, clock=rig.clock)


async def state(rig: Rig, activity: str, day: date, home: str) -> str:
    shown = await show_month(home, ZOE, programme_id(activity), f"{day:%Y-%m}", rig.stores.desk(rig.clock))
    (row,) = (row for row in shown.view.rows if row.activity_id == activity)
    return next(cell.state for cell in row.days if cell.date == day)


def programme_id(activity: str) -> str:
    return RESTAURANT if activity in (REPAS, PAI) else programme("ateliers" if activity == ATELIER else "loisirs")


async def plan(rig: Rig, weeks: CustodyPlan | None, sequence: int = 1) -> None:
    await rig.stores.custody.keep(CustodyPlanned(municipality_id=TOWN, child_id=ZOE, plan=weeks), sequence)


async def test_each_household_sees_its_own_bookings_only(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)
    await book(both, REPAS, TUESDAY, THEIRS)

    seen = {}
    for home in (OURS, THEIRS):
        days, _ = await list_bookings(
            WithFormers((home,), {}), MONDAY, FRIDAY, after="", limit=10, sheets=both.stores.sheets
        )
        seen[home] = [(one.date, one.state) for one in days]
    assert seen == {OURS: [(MONDAY, "booked")], THEIRS: [(TUESDAY, "booked")]}
    assert await state(both, REPAS, TUESDAY, OURS) == "other_household"
    assert await state(both, REPAS, TUESDAY, THEIRS) == "booked"
    assert await both.violations() == []


async def test_the_facts_of_both_sheets_are_told_apart(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)
    await book(both, REPAS, TUESDAY, THEIRS)

    sheets = [found async for found in both.database["sheets"].find({"child_id": ZOE})]

    assert len({sheet["_id"] for sheet in sheets}) == 2
    assert {sheet["household_id"] for sheet in sheets} == {OURS, THEIRS}
    assert {fact["household_id"] for _, fact in await both.told()} == {OURS, THEIRS}


async def test_a_meal_is_not_booked_twice_nor_beside_what_excludes_it(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)

    for activity in (REPAS, PAI):
        with pytest.raises(BookedElsewhere):
            await book(both, activity, MONDAY, THEIRS)


async def test_two_households_booking_one_meal_at_the_same_moment_get_it_once(both: Rig) -> None:
    homes = [OURS, THEIRS] * 4
    outcomes = await asyncio.gather(*(book(both, REPAS, MONDAY, home) for home in homes), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert all(isinstance(outcome, Refused) for outcome in outcomes if outcome is not None)
    assert await both.violations() == []


async def test_once_cancelled_by_the_one_a_day_is_free_for_the_other(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)
    await both.choose(REPAS, MONDAY, action="cancel")
    await both.validate()

    await book(both, REPAS, MONDAY, THEIRS)

    assert await state(both, REPAS, MONDAY, THEIRS) == "booked"
    assert await both.violations() == []


async def test_a_limited_place_is_the_childs_once(both: Rig) -> None:
    await book(both, ATELIER, MONDAY, OURS)

    with pytest.raises(BookedElsewhere):
        await book(both, ATELIER, MONDAY, THEIRS)
    assert await both.places(ATELIER, MONDAY) == ["confirmed"]


async def test_a_prepaid_day_given_back_is_free_for_the_other(both: Rig) -> None:
    await book(both, JOURNEE, WEDNESDAY, OURS)
    with pytest.raises(BookedElsewhere):
        await book(both, JOURNEE, WEDNESDAY, THEIRS)

    await both.let_holds_end()
    await both.sweep()
    await book(both, JOURNEE, WEDNESDAY, THEIRS)

    assert await state(both, JOURNEE, WEDNESDAY, THEIRS) == "held"
    assert await both.violations() == []


async def test_a_cart_and_a_period_know_what_the_other_household_has(both: Rig) -> None:
    await book(both, REPAS, MONDAY, THEIRS)

    with pytest.raises(BookedElsewhere):
        await both.choose(REPAS, MONDAY)
    await both.choose(REPAS, TUESDAY)
    await book(both, REPAS, TUESDAY, THEIRS)
    validation = await both.validate()

    assert [type(outcome.refusal) for outcome in validation.outcomes] == [BookedElsewhere]


async def test_custody_weeks_close_the_other_households_days_in_either_order_of_arrival(rig: Rig, both: Rig) -> None:
    """Week 11 is odd."""
    weeks = CustodyPlan(even_weeks=OURS, odd_weeks=THEIRS)
    await plan(both, weeks, 2)
    await plan(both, None, 1)

    with pytest.raises(OtherHouseholdsDay):
        await book(both, REPAS, MONDAY, OURS)
    await book(both, REPAS, MONDAY, THEIRS)
    await plan(both, None, 3)
    await book(both, REPAS, TUESDAY, OURS)


async def test_days_booked_before_the_weeks_were_set_are_not_cancelled_over_the_others_head(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)
    await plan(both, CustodyPlan(even_weeks=OURS, odd_weeks=THEIRS))

    with pytest.raises(OtherHouseholdsDay):
        await both.choose(REPAS, MONDAY, action="cancel")


async def test_a_plan_binds_nobody_once_a_household_left(both: Rig) -> None:
    await plan(both, CustodyPlan(even_weeks=OURS, odd_weeks=THEIRS))
    await book(both, REPAS, TUESDAY, THEIRS)
    left = AdhesionEnded(household_id=THEIRS, municipality_id=TOWN, family_file_id="ff_2")
    await both.stores.roster.unlink_children(left, 3)

    await book(both, REPAS, MONDAY, OURS)

    with pytest.raises(NotFound):
        await book(both, REPAS, THURSDAY, THEIRS)
    with pytest.raises(BookedElsewhere):
        await book(both, REPAS, TUESDAY, OURS)


async def test_the_attendance_list_has_the_child_once_and_marks_whoever_booked(both: Rig) -> None:
    await book(both, REPAS, MONDAY, THEIRS)
    both.now = both.now.replace(day=9, hour=11)
    door = both.stores.door(both.clock)

    listed = await list_attendance(TOWN, REPAS, SITE, MONDAY, door)
    await mark(both, MONDAY, chd_1_1="present")

    assert [child.child_id for child in listed.children].count(ZOE) == 1
    assert listed.states[ZOE] == "booked"
    assert await state(both, REPAS, MONDAY, THEIRS) == "present"
    facts = [fact for name, fact in await both.told() if name == "attendance_marked"]
    assert [fact["household_id"] for fact in facts] == [THEIRS]


async def test_an_unbooked_child_is_marked_for_whose_week_it_is(both: Rig) -> None:
    await plan(both, CustodyPlan(even_weeks=OURS, odd_weeks=THEIRS))
    both.now = both.now.replace(day=9, hour=11)

    await mark(both, MONDAY, chd_1_1="present")

    assert await state(both, REPAS, MONDAY, THEIRS) == "present_unbooked"


async def test_closing_a_month_tells_both_sheets(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)
    await book(both, REPAS, TUESDAY, THEIRS)
    both.now = both.now.replace(month=4)
    asked = ClosingAsked(
        municipality_id=TOWN,
        programme_id=RESTAURANT,
        month="2026-03",
        accept_anomalies=True,
        key="key-closing",
        fingerprint="f",
    )

    await close_month(asked, both.stores.office(both.clock))

    closed = [fact for name, fact in await both.told() if name == "sheet_closed"]
    assert sorted(fact["household_id"] for fact in closed) == [OURS, THEIRS]
    (month,) = [fact for name, fact in await both.told("closings") if name == "month_closed"]
    assert month["sheets"] == 2


async def test_an_agent_sees_either_households_month(both: Rig) -> None:
    await book(both, REPAS, MONDAY, THEIRS)
    desk = both.stores.desk(both.clock)

    shown = await show_month_to_agent([TOWN], ZOE, RESTAURANT, "2026-03", desk, THEIRS)

    assert shown.child.household_id == THEIRS
    with pytest.raises(NotFound):
        await show_month_to_agent([TOWN], ZOE, RESTAURANT, "2026-03", desk, "hsh_9")


async def test_a_household_that_stays_alone_opens_new_sheets_beside_those_of_the_one_that_left(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS)
    gone = AdhesionJoined(
        household_id=OURS,
        municipality_id=TOWN,
        family_file_id="ff_1",
        family_reference="F1",
        resident=True,
        children=(),
    )
    await both.stores.roster.link_children(gone, 2)

    await book(both, REPAS, TUESDAY, THEIRS)
    key = (await both.sheet(REPAS, MONDAY)).key
    fenced = await both.stores.sheets.fence(key)
    await both.stores.sheets.open(key)

    assert fenced.state((REPAS, MONDAY)) == "booked"
    assert await both.database["sheets"].count_documents({"child_id": ZOE}) == 2


async def test_a_refusal_by_the_weeks_is_said_in_french(both: Rig, http: Http, parent: dict[str, str]) -> None:
    await plan(both, CustodyPlan(even_weeks=OURS, odd_weeks=THEIRS))
    body = {"child_id": ZOE, "activity_id": REPAS, "date": MONDAY.isoformat()}

    answer = await http.post("/api/v1/bookings", json=body, headers={**keyed(parent), "Accept-Language": "fr"})

    problem = await answer.json()
    assert await refusal(answer) == (409, "other-households-day")
    assert "autre foyer" in problem["detail"]
    assert "semaines" in problem["next"]


async def test_the_same_key_in_both_households_books_for_each(both: Rig) -> None:
    await book(both, REPAS, MONDAY, OURS, key="same-key-1")
    await book(both, REPAS, TUESDAY, THEIRS, key="same-key-1")

    assert await state(both, REPAS, TUESDAY, THEIRS) == "booked"

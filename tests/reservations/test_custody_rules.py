"""What custody weeks do to a day, and what one household's bookings do to the other's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.decision import Decision, decide
from services.reservations.domain.households_of_child import sheet_keys, states_on, to_mark
from services.reservations.domain.month_view import DayView, month_view
from services.reservations.domain.refusals_of_custody import BookedElsewhere, OtherHouseholdsDay
from services.reservations.domain.sheet import Entry, Sheet, SheetKey, Slot
from shared.contracts.households import CustodyException, CustodyPlan
from tests.reservations.sample_town import TOWN, ask, child, paris, town

WEEKS = CustodyPlan(even_weeks="hsh_1", odd_weeks="hsh_2")
NOW = paris(2026, 3, 2, 9)
MONDAY, NEXT_MONDAY = date(2026, 3, 9), date(2026, 3, 16)
"""Of weeks 11 and 12 of 2026."""
REPAS, PAI = f"{TOWN}.repas", f"{TOWN}.pai"


def shared_child(plan: CustodyPlan | None = WEEKS, household: str = "hsh_1") -> RosterChild:
    others = frozenset({"hsh_1", "hsh_2"} - {household})
    return child(household_id=household, others=others, custody=plan)


def key(household: str = "hsh_1") -> SheetKey:
    return SheetKey(
        household_id=household,
        municipality_id=TOWN,
        child_id="chd_1",
        programme_id=f"{TOWN}.restaurant",
        month="2026-03",
    )


def line(activity: str = REPAS, day: date = NEXT_MONDAY, action: str = "book") -> Line:
    return Line(
        id=f"{activity} {day}",
        child_id="chd_1",
        municipality_id=TOWN,
        programme_id=f"{TOWN}.restaurant",
        activity_id=activity,
        date=day,
        action="cancel" if action == "cancel" else "book",
        added_at=NOW,
    )


def decided(wish: Line, sheet: Sheet, of: RosterChild | None = None) -> Decision:
    return decide((wish,), sheet=sheet, town=town(), child=of or shared_child(None), now=NOW)


def cell(activity: str, day: date, of: RosterChild, elsewhere: frozenset[Slot] = frozenset()) -> DayView:
    view = month_view(
        child=of,
        programme=town().programme(f"{TOWN}.restaurant"),
        town=town(),
        month="2026-03",
        now=NOW,
        sheet={},
        cart={},
        held=frozenset(),
        waiting=frozenset(),
        places_left={},
        prices={},
        elsewhere=elsewhere,
    )
    (row,) = (row for row in view.rows if row.activity_id == activity)
    return next(one for one in row.days if one.date == day)


def test_a_household_books_in_its_own_weeks() -> None:
    assert ask("repas", NEXT_MONDAY, now=NOW, who=shared_child()).allowed


@pytest.mark.parametrize("action", ["book", "cancel"])
def test_a_day_of_the_other_household_is_neither_booked_nor_cancelled(action: str) -> None:
    answer = ask("repas", MONDAY, now=NOW, action="cancel" if action == "cancel" else "book", who=shared_child())

    assert isinstance(answer.refusal, OtherHouseholdsDay)
    assert answer.refusal.facts["day"] == MONDAY
    assert "enfance@sainte-aurore.example" in answer.refusal.facts["contact"]


def test_each_day_is_exactly_one_households() -> None:
    days = [MONDAY + timedelta(days=offset) for offset in range(60)]

    for day in days:
        away = [shared_child(household=household).is_away_on(day) for household in ("hsh_1", "hsh_2")]
        assert sorted(away) == [False, True]


def test_an_exception_gives_days_to_the_other_household() -> None:
    swap = CustodyException(starts=MONDAY, ends=MONDAY, household_id="hsh_1")
    plan = WEEKS.model_copy(update={"exceptions": (swap,)})

    assert ask("repas", MONDAY, now=NOW, who=shared_child(plan)).allowed
    assert not ask("repas", MONDAY + timedelta(days=1), now=NOW, who=shared_child(plan)).allowed


def test_without_a_plan_whoever_books_first_has_the_day() -> None:
    assert ask("repas", MONDAY, now=NOW, who=shared_child(None)).allowed


def test_what_the_other_household_booked_cannot_be_booked_again() -> None:
    sheet = Sheet(key=key(), elsewhere=frozenset({(REPAS, NEXT_MONDAY)}))

    (refusal,) = decided(line(), sheet).refused.values()

    assert isinstance(refusal, BookedElsewhere)


def test_what_excludes_the_other_households_booking_cannot_be_booked_either() -> None:
    sheet = Sheet(key=key(), elsewhere=frozenset({(PAI, NEXT_MONDAY)}))

    (refusal,) = decided(line(REPAS), sheet).refused.values()

    assert isinstance(refusal, BookedElsewhere)
    assert "other" not in refusal.facts, "what exactly was booked is the other household's own"


def test_the_other_households_other_days_do_not_matter() -> None:
    sheet = Sheet(key=key(), elsewhere=frozenset({(REPAS, NEXT_MONDAY + timedelta(days=1))}))

    assert decided(line(), sheet).possible


def test_the_month_says_whose_day_it_is() -> None:
    found = cell(REPAS, MONDAY, shared_child())

    assert (found.state, found.can_book) == ("closed", False)
    assert isinstance(found.refusal, OtherHouseholdsDay)


def test_the_month_shows_the_other_households_booking_without_more() -> None:
    found = cell(REPAS, NEXT_MONDAY, shared_child(None), frozenset({(REPAS, NEXT_MONDAY)}))

    assert (found.state, found.can_book, found.can_cancel) == ("other_household", False, False)
    assert isinstance(found.refusal, BookedElsewhere)


def test_the_sheets_of_both_households_have_names_of_their_own() -> None:
    first, second = sheet_keys(shared_child(), f"{TOWN}.restaurant", "2026-03")

    assert first.id == second.id
    assert len({first.id, first.second_id, second.second_id}) == 3


def test_an_attendance_list_takes_the_state_from_whoever_booked() -> None:
    slot = (REPAS, MONDAY)
    ours = Sheet(key=key(), days={slot: Entry(state="cancelled")})
    theirs = Sheet(key=key("hsh_2"), days={slot: Entry(state="booked")})

    for sheets in ([ours, theirs], [theirs, ours]):
        assert states_on(slot, ["chd_1", "chd_2"], sheets) == {"chd_1": "booked", "chd_2": None}


def test_a_mark_goes_to_who_booked_else_to_whose_week_it_is() -> None:
    slot = (REPAS, MONDAY)
    ours, theirs = Sheet(key=key()), Sheet(key=key("hsh_2"))
    booked = replace(ours, days={slot: Entry(state="booked")})

    assert to_mark([booked, theirs], shared_child(), slot) is booked
    assert to_mark([ours, theirs], shared_child(), slot) is theirs
    assert to_mark([ours, theirs], shared_child(None), slot) is ours

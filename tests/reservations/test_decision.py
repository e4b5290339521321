"""What of a few wishes is possible together."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reservations.domain.cart import Line
from services.reservations.domain.decision import Decision, decide
from services.reservations.domain.refusals import (
    AlreadyBooked,
    FullWithWaitingList,
    MonthIsClosed,
    NoPlaceLeft,
    NotBooked,
    PaymentAwaited,
)
from services.reservations.domain.refusals_of_days import DeadlinePassed, ExcludedBy, RequiredFirst, StillRequired
from services.reservations.domain.sheet import Entry, Sheet, SheetKey
from services.reservations.domain.town import Town
from services.reservations.domain.waiting_policy import NO_WAITING
from shared.errors import Refused
from tests.reservations.sample_town import TOWN, child, paris, town

NOW = paris(2026, 3, 2, 9)
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
SAMPLE = town()


def line(wish: str, day: date = MONDAY) -> Line:
    """`+repas` books, `-repas` cancels."""
    code = wish[1:]
    return Line(
        id=f"{wish}@{day:%d}",
        child_id="chd_1",
        municipality_id=TOWN,
        programme_id=SAMPLE.programme_of(f"{TOWN}.{code}").id,
        activity_id=f"{TOWN}.{code}",
        date=day,
        action="book" if wish[0] == "+" else "cancel",
        added_at=NOW,
    )


def sheet_of(programme_id: str, days: Mapping[str, Any], **rest: Any) -> Sheet:
    key = SheetKey(
        household_id="hsh_1", municipality_id=TOWN, child_id="chd_1", programme_id=programme_id, month="2026-03"
    )
    return Sheet(key=key, days={(f"{TOWN}.{code}", MONDAY): Entry(state=state) for code, state in days.items()}, **rest)


def asked(*wishes: Line | str, has: Mapping[str, str] | None = None, full: bool = False, at: Town = SAMPLE) -> Decision:
    lines = [wish if isinstance(wish, Line) else line(wish) for wish in wishes]
    sheet = sheet_of(lines[0].programme_id, has or {})
    slots = {one.slot for one in lines} if full else frozenset()
    return decide(lines, sheet=sheet, town=at, child=child(), now=NOW, full=slots)


def why(decision: Decision) -> dict[str, type[Refused]]:
    return {line_id.split("@")[0]: type(refusal) for line_id, refusal in decision.refused.items()}


def test_an_open_day_is_possible() -> None:
    assert asked("+repas").refused == {}


@pytest.mark.parametrize("state", ["booked", "present", "absent_justified", "absent_unjustified", "present_unbooked"])
def test_a_day_that_counts_already_is_not_booked_again(state: str) -> None:
    assert why(asked("+repas", has={"repas": state})) == {"+repas": AlreadyBooked}


def test_a_cancelled_day_is_booked_again() -> None:
    assert asked("+repas", has={"repas": "cancelled"}).refused == {}


@pytest.mark.parametrize("state", ["cancelled", "present", "absent_justified"])
def test_only_a_booked_day_is_cancelled(state: str) -> None:
    assert why(asked("-repas", has={"repas": state})) == {"-repas": NotBooked}
    assert asked("-repas", has={"repas": "booked"}).refused == {}


@pytest.mark.parametrize("wish", ["+repas", "-repas"])
def test_a_held_day_waits_for_its_payment(wish: str) -> None:
    assert why(asked(wish, has={"repas": "held"})) == {wish: PaymentAwaited}


@pytest.mark.parametrize("wish", ["+repas", "-repas"])
def test_a_closed_sheet_takes_nothing(wish: str) -> None:
    sheet = sheet_of(f"{TOWN}.restaurant", {"repas": "booked"}, closed=True)

    decision = decide([line(wish)], sheet=sheet, town=SAMPLE, child=child(), now=NOW)

    assert why(decision) == {wish: MonthIsClosed}


def test_the_rules_of_the_day_are_asked() -> None:
    assert why(asked(line("+repas", date(2026, 3, 3)))) == {"+repas": DeadlinePassed}


def test_a_full_slot_names_the_way_to_its_waiting_list() -> None:
    (refusal,) = asked("+repas", full=True).refused.values()

    assert isinstance(refusal, FullWithWaitingList)
    assert (refusal.facts["waiting_list"], refusal.facts["next_href"]) == (True, "/api/v1/waiting-list-entries")


def test_a_full_slot_without_waiting_list_only_says_so() -> None:
    closed_list = town()
    programme = closed_list.programmes[f"{TOWN}.restaurant"]
    regulation = programme.regulation.model_copy(update={"waiting": NO_WAITING})
    programmes = {**closed_list.programmes, programme.id: _with(programme, regulation)}

    (refusal,) = asked("+repas", full=True, at=_with_programmes(closed_list, programmes)).refused.values()

    assert type(refusal) is NoPlaceLeft
    assert "waiting_list" not in refusal.facts


def test_a_meal_and_the_meal_brought_from_home_exclude_each_other_whichever_is_there_first() -> None:
    assert why(asked("+pai", has={"repas": "booked"})) == {"+pai": ExcludedBy}
    assert why(asked("+repas", has={"pai": "held"})) == {"+repas": ExcludedBy}


def test_of_two_rivals_in_one_cart_the_later_loses() -> None:
    assert why(asked("+repas", "+pai")) == {"+pai": ExcludedBy}
    assert why(asked("+pai", "+repas")) == {"+repas": ExcludedBy}


def test_rivals_of_different_days_go_together() -> None:
    assert asked("+repas", line("+pai", TUESDAY)).refused == {}


def test_one_meal_is_exchanged_for_the_other() -> None:
    assert asked("+pai", "-repas", has={"repas": "booked"}).refused == {}


def test_an_exchange_whose_cancellation_is_too_late_does_not_book_either() -> None:
    wishes = [line("-repas", date(2026, 3, 3)), line("+pai", date(2026, 3, 3))]

    assert set(why(asked(*wishes, has={"repas": "booked"}))) == {"-repas", "+pai"}


def test_the_second_evening_needs_the_first_from_the_sheet_or_from_the_cart() -> None:
    assert why(asked("+soir-2")) == {"+soir-2": RequiredFirst}
    assert asked("+soir-2", has={"soir-1": "booked"}).refused == {}
    assert asked("+soir-2", "+soir-1").refused == {}


def test_what_needed_a_refused_line_falls_with_it() -> None:
    full_first = {line("+soir-1").slot}

    decision = decide(
        [line("+soir-1"), line("+soir-2")],
        sheet=sheet_of(f"{TOWN}.garderie", {}),
        town=SAMPLE,
        child=child(),
        now=NOW,
        full=full_first,
    )

    assert why(decision) == {"+soir-1": FullWithWaitingList, "+soir-2": RequiredFirst}


def test_the_first_evening_is_not_cancelled_while_the_second_stays() -> None:
    both = {"soir-1": "booked", "soir-2": "booked"}

    assert why(asked("-soir-1", has=both)) == {"-soir-1": StillRequired}
    assert asked("-soir-1", "-soir-2", has=both).refused == {}


WISHES = st.lists(st.sampled_from(["+soir-1", "-soir-1", "+soir-2", "-soir-2"]), unique=True, max_size=4)
STATES = st.sampled_from(["booked", "held", "cancelled"])


@given(wishes=WISHES, has=st.dictionaries(st.sampled_from(["soir-1", "soir-2"]), STATES))
def test_what_is_possible_leaves_no_evening_without_what_it_needs(wishes: list[str], has: dict[str, str]) -> None:
    there = {code for code, state in has.items() if state != "cancelled"}
    if not wishes or ("soir-2" in there and "soir-1" not in there):
        return
    decision = asked(*wishes, has=has)
    done = [one.id.split("@")[0] for one in decision.possible]
    after = (there - {wish[1:] for wish in done if wish[0] == "-"}) | {wish[1:] for wish in done if wish[0] == "+"}

    assert "soir-2" not in after or "soir-1" in after
    assert {one.id for one in decision.possible}.isdisjoint(decision.refused)
    assert len(decision.possible) + len(decision.refused) == len(wishes)


@given(wishes=st.lists(st.sampled_from(["+repas", "-repas", "+pai", "-pai"]), unique=True, min_size=1, max_size=4))
def test_what_is_possible_never_books_two_meals(wishes: list[str]) -> None:
    decision = asked(*wishes, has={"repas": "booked"})
    done = [one.id.split("@")[0] for one in decision.possible]
    after = ({"repas"} - {wish[1:] for wish in done if wish[0] == "-"}) | {wish[1:] for wish in done if wish[0] == "+"}

    assert after != {"repas", "pai"}


def _with(programme: Any, regulation: Any) -> Any:
    return type(programme)(**{**vars(programme), "regulation": regulation})


def _with_programmes(of: Town, programmes: Mapping[str, Any]) -> Town:
    return type(of)(**{**vars(of), "programmes": programmes})

"""One day as a family reads it: what goes with what, what waits for somebody, what comes late."""

from datetime import date, datetime

import pytest

from services.reservations.domain.day_view import DayView
from services.reservations.domain.entry import Entry, Slot
from services.reservations.domain.grounds import MonthGround
from services.reservations.domain.month_view import Known, cells_of
from services.reservations.domain.refusals_of_days import ExcludedBy
from services.reservations.domain.regulation import Action
from tests.reservations.sample_town import TOWN, child, paris, town

NOW = paris(2026, 3, 2, 8, 0)
REPAS, PAI = f"{TOWN}.repas", f"{TOWN}.pai"
TUESDAY = date(2026, 3, 10)


def view(slot: Slot, known: Known, now: datetime = NOW) -> DayView:
    ground = MonthGround(town(), town().programme_of(slot[0]), child(), f"{slot[1]:%Y-%m}", now)
    return ground.view(slot, cells_of(known, ground).get(slot, known.blank))


def booked(activity_id: str = REPAS, **entry: object) -> Known:
    return Known(sheet={(activity_id, TUESDAY): Entry(**{"state": "booked", **entry})})  # type: ignore[arg-type]  # of a test


def chosen(activity_id: str, action: Action, *, beside: Known | None = None) -> Known:
    return Known(sheet=beside.sheet if beside else {}, cart={(activity_id, TUESDAY): action})


def test_what_a_booked_day_excludes_is_not_offered_beside_it() -> None:
    found = view((PAI, TUESDAY), booked(REPAS))

    assert (found.state, found.can_book) == ("excluded", False)
    assert isinstance(found.refusal, ExcludedBy)
    assert found.refusal.facts["other"] == "REPAS"


def test_what_is_chosen_in_the_cart_excludes_as_well() -> None:
    assert view((PAI, TUESDAY), chosen(REPAS, "book")).state == "excluded"


def test_a_day_that_is_being_cancelled_makes_room_for_what_it_excluded() -> None:
    found = view((PAI, TUESDAY), chosen(REPAS, "cancel", beside=booked(REPAS)))

    assert (found.state, found.can_book) == ("bookable", True)


def test_other_days_are_offered_all_the_same() -> None:
    assert view((PAI, date(2026, 3, 12)), booked(REPAS)).can_book


@pytest.mark.parametrize(
    ("known", "state", "can_cancel"),
    [
        (booked(), "booked", True),
        (booked(state="requested"), "requested", True),
        (booked(asked="cancel"), "cancellation_asked", False),
        (booked(reported_at=NOW), "reported", False),
        (chosen(REPAS, "cancel", beside=booked(state="requested")), "in_cart_cancelling", False),
    ],
)
def test_what_waits_for_an_agent_says_so(known: Known, state: str, can_cancel: bool) -> None:
    found = view((REPAS, TUESDAY), known)

    assert (found.state, found.can_cancel, found.can_book) == (state, can_cancel, False)


def test_a_holiday_is_named_beside_its_kind() -> None:
    found = view((REPAS, date(2026, 5, 14)), Known())

    assert (found.kind, found.label, found.state) == ("public_holiday", "Ascension", "closed")


def test_a_free_day_says_until_when_it_could_be_booked_and_cancelled_and_by_which_rule() -> None:
    found = view((REPAS, TUESDAY), Known())

    assert found.book_until == found.cancel_until == paris(2026, 3, 6, 10, 0)
    assert (found.rule, found.rule_version) == ("j-2", 3)

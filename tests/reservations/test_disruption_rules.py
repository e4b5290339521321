"""What a town's cancellation reaches, and when it is over."""

from dataclasses import replace
from datetime import date

import pytest

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.disruption import Disruption, Scope, months_between, plan_of, slots_in
from services.reservations.domain.refusals_of_decisions import CancelledByTown, DisruptionPast, NothingInScope
from services.reservations.domain.sheet import Entry, Sheet, SheetKey
from services.reservations.domain.suspension import Suspension
from shared.errors import NotFound
from tests.reservations.sample_town import TOWN, child, paris, town

REPAS, PAI, SOIR = f"{TOWN}.repas", f"{TOWN}.pai", f"{TOWN}.soir-1"
TILLEULS, MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
TUESDAY = date(2026, 3, 10)
TODAY = date(2026, 3, 9)
NOW = paris(2026, 3, 2, 8)


def scope(**changes: object) -> Scope:
    whole = {
        "programme_ids": frozenset({f"{TOWN}.restaurant"}),
        "activity_ids": frozenset(),
        "site_ids": frozenset(),
        "groups": frozenset(),
        "starts": TUESDAY,
        "ends": TUESDAY,
    }
    return Scope(**{**whole, **changes})  # type: ignore[arg-type]  # a test's shorthand


def suspension(**changes: object) -> Suspension:
    return scope(**changes).suspension("dsr_1", town(), "Grève", TODAY)


def disruption(**changes: object) -> Disruption:
    return Disruption(
        id="dsr_1",
        municipality_id=TOWN,
        key="k",
        fingerprint="f",
        suspension=suspension(**changes),
        reason="strike",
        message="",
        message_en="",
        by="acc_1",
        declared_at=NOW,
    )


def test_a_whole_programme_is_all_its_activities() -> None:
    assert suspension().activity_ids == {REPAS, PAI}


def test_single_activities_can_be_named_beside_it() -> None:
    evening_2 = f"{TOWN}.soir-2"

    assert suspension(activity_ids=frozenset({evening_2})).activity_ids == {REPAS, PAI, evening_2}


def test_what_requires_a_cancelled_activity_goes_with_it() -> None:
    alone = suspension(programme_ids=frozenset(), activity_ids=frozenset({SOIR}))

    assert alone.activity_ids == {SOIR, f"{TOWN}.soir-2"}


def test_naming_nothing_is_refused() -> None:
    with pytest.raises(NothingInScope):
        suspension(programme_ids=frozenset())


@pytest.mark.parametrize(
    "wrong",
    [
        {"programme_ids": frozenset({f"{TOWN}.piscine"})},
        {"activity_ids": frozenset({"ailleurs.repas"})},
        {"site_ids": frozenset({"ailleurs.ecole"})},
    ],
)
def test_what_is_not_the_towns_is_not_found(wrong: dict[str, frozenset[str]]) -> None:
    with pytest.raises(NotFound):
        suspension(**wrong)


def test_days_that_are_past_stay_as_they_were() -> None:
    with pytest.raises(DisruptionPast):
        suspension(starts=date(2026, 3, 8))


def test_a_suspended_day_cannot_be_booked_and_says_why() -> None:
    answer = replace(town(), suspensions=(suspension(),)).answer(REPAS, TUESDAY, action="book", child=child(), now=NOW)

    assert isinstance(answer.refusal, CancelledByTown)
    assert answer.refusal.facts["label"] == "Grève"


def test_another_day_another_activity_and_cancelling_go_on() -> None:
    suspended = replace(town(), suspensions=(suspension(),))
    asked = {"child": child(), "now": NOW}

    assert suspended.answer(REPAS, date(2026, 3, 12), action="book", **asked).allowed  # type: ignore[arg-type]  # shorthand
    assert suspended.answer(SOIR, TUESDAY, action="book", **asked).allowed  # type: ignore[arg-type]  # shorthand
    assert suspended.answer(REPAS, TUESDAY, action="cancel", **asked).allowed  # type: ignore[arg-type]  # shorthand


def test_a_site_counts_as_the_child_is_in_it_that_day() -> None:
    at_mace = suspension(site_ids=frozenset({MACE}))

    assert not at_mace.holds(REPAS, TUESDAY, f"{TOWN}.restaurant", child())
    assert at_mace.holds(REPAS, TUESDAY, f"{TOWN}.restaurant", child(site="ecole-jean-mace"))


def test_a_child_that_moved_school_is_where_it_is_that_day() -> None:
    moved = Enrolment(
        programme_id=f"{TOWN}.restaurant",
        site_id=MACE,
        group="CE1",
        starts=date(2026, 3, 10),
        ends=date(2026, 7, 3),
    )
    mover = child()
    mover = replace(mover, enrolments=(*mover.enrolments, moved))

    at_mace = suspension(site_ids=frozenset({MACE}), ends=date(2026, 3, 12), starts=TODAY)

    assert not at_mace.holds(REPAS, TODAY, f"{TOWN}.restaurant", mover)
    assert at_mace.holds(REPAS, TUESDAY, f"{TOWN}.restaurant", mover)


def test_one_class_on_a_trip_leaves_the_others_their_meal() -> None:
    trip = suspension(groups=frozenset({"CM2"}))

    assert not trip.holds(REPAS, TUESDAY, f"{TOWN}.restaurant", child())


def test_only_what_is_booked_or_asked_for_is_cancelled() -> None:
    key = SheetKey(
        household_id="hsh_1",
        municipality_id=TOWN,
        child_id="chd_1",
        programme_id=f"{TOWN}.restaurant",
        month="2026-03",
    )
    states = ("booked", "requested", "cancelled", "present", "absent_justified", "held")
    days = {(REPAS, date(2026, 3, 10 + at)): Entry(state=state) for at, state in enumerate(states)}  # type: ignore[arg-type]  # the literals above
    wide = suspension(ends=date(2026, 3, 31))

    found = slots_in(Sheet(key=key, days=days), wide, child(), ("booked", "requested"))

    assert found == [(REPAS, date(2026, 3, 10)), (REPAS, date(2026, 3, 11))]
    assert slots_in(Sheet(key=key, days=days, closed=True), wide, child(), ("booked",)) == []


def test_it_goes_through_every_programme_and_month_of_its_scope() -> None:
    wide = suspension(activity_ids=frozenset({SOIR}), ends=date(2026, 4, 2))

    assert plan_of(wide, town()) == [
        (f"{TOWN}.garderie", "2026-03"),
        (f"{TOWN}.garderie", "2026-04"),
        (f"{TOWN}.restaurant", "2026-03"),
        (f"{TOWN}.restaurant", "2026-04"),
    ]


def test_months_over_the_turn_of_a_year() -> None:
    assert months_between(date(2026, 12, 31), date(2027, 2, 1)) == ["2026-12", "2027-01", "2027-02"]


def test_it_is_never_done_after_one_pass() -> None:
    once = disruption().told()

    assert (once.state, once.passes) == ("waiting", 1)


def test_it_is_done_when_a_later_pass_found_nothing() -> None:
    again = disruption().told().again()

    assert again.told().state == "done"
    assert again.stepped("sht_1", 1, 0, through=True).told().state == "waiting"
    assert again.stepped("sht_1", 0, 1, through=True).told().state == "waiting"

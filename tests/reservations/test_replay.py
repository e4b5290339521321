"""What a draft would have made of what families did, act by act."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reservations.domain.absence_runs import free_days, runs_of
from services.reservations.domain.absences import AbsencePolicy
from services.reservations.domain.entry import Entry, Slot
from services.reservations.domain.late import Surcharge
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.replay import Difference
from services.reservations.domain.replay_past import Case, Past, RefusedAct
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, TWO_DAYS_BEFORE, child, paris, regulation, town

REPAS, PAI = f"{TOWN}.repas", f"{TOWN}.pai"
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in range(9, 14))
IN_TIME, LATE = paris(2026, 3, 2, 8), paris(2026, 3, 9, 15)
"""For Tuesday: two working days before, and the day before."""
AFTER_ALL = paris(2026, 3, 9, 20)
FIRST_OF_MONTH = {"id": "mois", "shape": "month_before", "day": 20, "time": "12:00"}
DEARER = {
    "id": "hors-delai",
    "action": "book",
    "until": {"shape": "calendar_days_before", "days": 1, "time": "18:00"},
    "effect": "surcharge",
    "surcharge": {"percent": 50},
}
CHARGED = {**DEARER, "id": "du", "action": "cancel", "effect": "charged", "surcharge": None}


def case(
    draft: Regulation,
    in_force: Regulation | None = None,
    first: date = date(2026, 3, 1),
    last: date = date(2026, 3, 31),
) -> Case:
    return Case(
        programme=town().programmes[f"{TOWN}.restaurant"],
        calendar=town().calendar,
        first=first,
        last=last,
        in_force=in_force or regulation(),
        draft=draft,
    )


def booked(at: datetime | None = IN_TIME, **more: Any) -> Entry:
    return Entry(**{"state": "booked", "at": at, **more})


def cancelled(at: datetime | None, **more: Any) -> Entry:
    return Entry(**{"state": "cancelled", "cancelled": "in_time", "at": IN_TIME, "cancelled_at": at, **more})


def past(days: Mapping[Slot, Entry], *refused: RefusedAct) -> Past:
    return Past(child=child(), days=days, refused=refused)


def found(draft: Regulation, days: Mapping[Slot, Entry], *refused: RefusedAct, **more: Any) -> list[tuple[str, ...]]:
    differences = case(draft, **more).replay(past(days, *refused)).differences
    return [(one.kind, one.before.effect, one.after.effect, one.rule) for one in differences]


def test_a_booking_that_comes_too_late_for_the_draft_is_refused() -> None:
    draft, late = regulation(FIRST_OF_MONTH), {(REPAS, TUESDAY): booked()}
    (difference,) = case(draft).replay(past(late)).differences

    assert (difference.after.effect, difference.after.why, difference.rule) == ("refused", "passed", "mois")
    assert (difference.day, difference.at, difference.activity_id) == (TUESDAY, IN_TIME, REPAS)


def test_a_booking_the_draft_takes_at_a_surcharge_is_told_with_it() -> None:
    draft = regulation(FIRST_OF_MONTH, late=[DEARER])
    (difference,) = case(draft).replay(past({(REPAS, TUESDAY): booked()})).differences

    assert (difference.after.effect, difference.rule) == ("surcharge", "hors-delai")
    assert difference.after.surcharge == Surcharge(percent=50)


def test_a_cancellation_the_draft_would_have_charged() -> None:
    draft = regulation(EVENING_BEFORE, cancelling=[FIRST_OF_MONTH], late=[CHARGED])
    days = {(REPAS, TUESDAY): cancelled(IN_TIME)}

    assert found(draft, days) == [("cancel", "in_time", "charged", "du")]


def test_every_cancellation_waits_where_the_draft_lets_agents_decide() -> None:
    draft = regulation(cancelling_by="agent")
    assert found(draft, {(REPAS, TUESDAY): cancelled(IN_TIME)}) == [("cancel", "in_time", "agent_approval", "j-2")]


def test_what_a_deadline_refused_may_be_allowed_by_the_draft() -> None:
    tried = RefusedAct(action="book", slot=(REPAS, TUESDAY), at=LATE)
    assert found(regulation(EVENING_BEFORE), {}, tried) == [("book", "refused", "in_time", "j-2")]


def test_what_both_refuse_changes_nothing() -> None:
    tried = RefusedAct(action="book", slot=(REPAS, TUESDAY), at=AFTER_ALL)
    assert found(regulation(EVENING_BEFORE), {}, tried) == []


def test_another_rule_that_says_the_same_changes_nothing() -> None:
    draft = regulation({**TWO_DAYS_BEFORE, "id": "deux-jours"})
    assert found(draft, {(REPAS, TUESDAY): booked(), (REPAS, FRIDAY): cancelled(IN_TIME)}) == []


def test_what_cannot_be_judged_is_counted_apart() -> None:
    days = {
        (REPAS, MONDAY): booked(None),
        (REPAS, TUESDAY): booked(by="agent"),
        (REPAS, THURSDAY): cancelled(None),
        (REPAS, FRIDAY): Entry(state="present_unbooked", unbooked=True),
    }
    replayed = case(regulation(FIRST_OF_MONTH)).replay(past(days))

    assert replayed.tallies == {"unknown": 2, "by_agents": 1, "bookings": 1}
    assert [one.day for one in replayed.differences] == [THURSDAY]


def test_a_day_the_town_itself_cancelled_is_no_cancellation_of_the_family() -> None:
    days = {(REPAS, TUESDAY): cancelled(LATE, cancelled="service")}
    assert found(regulation(cancelling=[FIRST_OF_MONTH]), days) == []


def test_days_beyond_the_period_are_not_judged() -> None:
    days = {(REPAS, TUESDAY): booked()}
    assert found(regulation(FIRST_OF_MONTH), days, first=WEDNESDAY) == []


def test_a_rule_for_some_families_changes_something_for_them_only() -> None:
    early = {**FIRST_OF_MONTH, "audience": {"residents": False}}
    draft = regulation(TWO_DAYS_BEFORE, early)
    stranger = replace(past({(REPAS, TUESDAY): booked()}), child=child(resident=False))
    tried = case(draft)

    assert [one.rule for one in tried.replay(stranger).differences] == ["mois"]
    assert tried.replay(past(stranger.days)).differences == ()


def test_a_week_with_fewer_days_than_the_draft_asks_for() -> None:
    draft = regulation(weekly=[{"id": "trois-jours", "minimum": 3}])
    two = {(REPAS, MONDAY): booked(), (REPAS, TUESDAY): booked()}
    (difference,) = case(draft).replay(past(two)).differences

    assert (difference.kind, difference.day, difference.after.why) == ("week", MONDAY, "minimum")
    assert found(draft, {**two, (REPAS, THURSDAY): booked()}) == []


def test_a_short_week_asks_for_what_it_has() -> None:
    draft = regulation(weekly=[{"id": "quatre-jours", "minimum": 4}])
    may = {"first": date(2026, 5, 1), "last": date(2026, 5, 31)}
    # The Thursday is a public holiday, the Friday closed.
    monday = {(REPAS, date(2026, 5, 11)): booked()}

    assert found(draft, monday, **may) == [("week", "in_time", "refused", "quatre-jours")]
    assert found(draft, {**monday, (REPAS, date(2026, 5, 12)): booked()}, **may) == []


def test_a_maximum_the_draft_gives_up() -> None:
    old = regulation(weekly=[{"id": "deux-jours", "maximum": 2}])
    three = {(REPAS, day): booked() for day in (MONDAY, TUESDAY, THURSDAY)}

    assert found(regulation(), three, in_force=old) == [("week", "refused", "in_time", "deux-jours")]


def test_the_first_days_of_a_proven_absence_fall_due() -> None:
    away = {(REPAS, day): booked(state="absent_justified") for day in (MONDAY, TUESDAY, THURSDAY)}
    draft = regulation(absences={"first_days_due": 1})

    assert found(draft, {**away, (REPAS, FRIDAY): booked(state="present")}) == [("absence", "free", "due", "absences")]
    assert found(regulation(absences={"minimum_days": 4}), away) == [("absence", "free", "due", "absences")] * 3


def test_an_absence_proven_and_due_becomes_free() -> None:
    days = {(REPAS, MONDAY): booked(state="absent_unjustified", excused="due")}
    old = regulation(absences={"justified": "due"})

    assert found(regulation(), days, in_force=old) == [("absence", "due", "free", "absences")]


def test_an_absence_proven_too_late_stays_due() -> None:
    days = {(REPAS, day): booked(state="absent_unjustified", excused="due") for day in (MONDAY, TUESDAY)}
    assert found(regulation(absences={"first_days_due": 1}), days) == []


def test_a_day_the_child_was_seen_in_one_activity_is_no_absence() -> None:
    days = {(REPAS, MONDAY): booked(state="absent_justified"), (PAI, MONDAY): booked(state="present")}
    assert found(regulation(absences={"first_days_due": 1}), days) == []


def test_what_a_quota_makes_free_needs_no_proof() -> None:
    days = {(REPAS, MONDAY): booked(state="absent_justified", excused="free", proof="quota")}
    assert found(regulation(absences={"first_days_due": 1}), days) == []


def test_an_absence_nobody_excused_stays_due() -> None:
    days = {(REPAS, MONDAY): booked(state="absent_unjustified")}
    assert found(regulation(absences={"first_days_due": 1}), days) == []


@pytest.mark.parametrize(
    ("policy", "free"),
    [
        ({}, "mtj"),
        ({"justified": "due"}, ""),
        ({"first_days_due": 1}, "tj"),
        ({"first_days_due": 5}, ""),
        ({"first_days_free": 1}, "m"),
        ({"first_days_free": 0}, ""),
        ({"minimum_days": 3}, "mtj"),
        ({"minimum_days": 4}, ""),
        ({"minimum_days": 4, "counted_in": "calendar_days"}, "mtj"),
        ({"first_days_due": 3, "counted_in": "calendar_days"}, "j"),
    ],
)
def test_which_days_of_a_proven_absence_are_free(policy: dict[str, Any], free: str) -> None:
    days = {"m": MONDAY, "t": TUESDAY, "j": THURSDAY}
    assert free_days(AbsencePolicy.model_validate(policy), [*days.values()]) == {days[letter] for letter in free}


def test_a_day_the_child_came_ends_an_absence() -> None:
    assert runs_of({MONDAY, TUESDAY, FRIDAY}, [MONDAY, TUESDAY, THURSDAY, FRIDAY]) == [[MONDAY, TUESDAY], [FRIDAY]]


INSTANTS = st.integers(0, 38 * 24 * 60).map(lambda minutes: paris(2026, 2, 20) + timedelta(minutes=minutes))
ENTRIES = st.one_of(
    st.builds(booked, INSTANTS),
    st.builds(cancelled, INSTANTS),
    st.just(booked(state="absent_justified")),
)
REGULATIONS = st.sampled_from(
    [
        regulation(),
        regulation(EVENING_BEFORE, late=[CHARGED], cancelling=[FIRST_OF_MONTH]),
        regulation(FIRST_OF_MONTH, late=[DEARER], weekly=[{"id": "w", "minimum": 2, "maximum": 3}]),
        regulation(cancelling_by="agent", absences={"first_days_due": 2}),
    ]
)


def mirrored(one: Difference) -> Difference:
    return replace(one, before=one.after, after=one.before)


@settings(max_examples=60, deadline=None)
@given(
    days=st.dictionaries(
        st.tuples(st.just(REPAS), st.dates(date(2026, 3, 2), date(2026, 3, 27))), ENTRIES, max_size=12
    ),
    old=REGULATIONS,
    new=REGULATIONS,
)
def test_the_same_rules_change_nothing_and_the_way_back_undoes_the_way_there(
    days: dict[Slot, Entry], old: Regulation, new: Regulation
) -> None:
    assert case(old, old).replay(past(days)).differences == ()

    there, back = case(new, old).replay(past(days)), case(old, new).replay(past(days))
    assert [mirrored(one) for one in back.differences] == list(there.differences)

"""Absences that are reported and proven: what they cost by the regulation, in whatever order things are said."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest

from services.reservations.domain.absences import AbsencePolicy
from services.reservations.domain.attendance import Occasion, Sighting, mark
from services.reservations.domain.entry import Entry, SheetState
from services.reservations.domain.excuses import QUOTA, period_of, proof_due, proven, quota_left, reported, rulings_of
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Change, Sheet, SheetKey
from services.reservations.domain.town import Town
from shared.contracts.reservations import AttendanceMarked
from shared.contracts.reservations_by_town import AbsenceProofDecided, AbsenceReported
from tests.reservations.sample_town import TOWN, calendar, regulation, town

REPAS, PAI = f"{TOWN}.repas", f"{TOWN}.pai"
WEEK = [date(2026, 3, day) for day in (9, 10, 12, 13)]
"""Monday, Tuesday, Thursday, Friday: the days of the canteen."""
NOW = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)


def canteen(**policy: Any) -> Programme:
    whole: Town = town()
    programme = whole.programme(f"{TOWN}.restaurant")
    changed = regulation(absences=AbsencePolicy.model_validate(policy).model_dump(mode="json", exclude_none=True))
    return type(programme)(**{**_fields(programme), "regulation": changed})


def _fields(programme: Programme) -> Mapping[str, Any]:
    return {name: getattr(programme, name) for name in programme.__dataclass_fields__}


def sheet(*states: SheetState, days: list[date] = WEEK) -> Sheet:
    key = SheetKey(
        household_id="hsh_1",
        municipality_id=TOWN,
        child_id="chd_1",
        programme_id=f"{TOWN}.restaurant",
        month="2026-03",
    )
    return Sheet(key=key, days={(REPAS, day): Entry(state=state) for day, state in zip(days, states, strict=False)})


def after(given: Sheet, change: Change | None) -> Sheet:
    cells = {slot: entry for slot, entry in (change.cells if change else {}).items() if entry}
    return Sheet(key=given.key, days={**given.days, **cells})


def free(*states: SheetState, programme: Programme, in_time: bool = True, ends: date = WEEK[-1]) -> list[int]:
    """The days of the month that are free."""
    rulings = rulings_of([sheet(*states)], WEEK[0], ends, programme, in_time=in_time)
    return [day.day for day, ruling in sorted(rulings.items()) if ruling == "free"]


# --- the regulation ---------------------------------------------------------------------------------------------------

ABSENT: tuple[SheetState, ...] = ("absent_unjustified",) * 4


def test_a_proven_absence_is_free() -> None:
    assert free(*ABSENT, programme=canteen()) == [9, 10, 12, 13]


def test_the_first_day_may_be_due() -> None:
    assert free(*ABSENT, programme=canteen(first_days_due=1)) == [10, 12, 13]


def test_only_the_first_days_may_be_free() -> None:
    assert free(*ABSENT, programme=canteen(first_days_free=2)) == [9, 10]


def test_an_absence_shorter_than_the_minimum_is_due() -> None:
    assert free("absent_unjustified", "absent_unjustified", programme=canteen(minimum_days=3)) == []


def test_a_town_may_free_nobody() -> None:
    assert free(*ABSENT, programme=canteen(justified="due")) == []


def test_a_proof_that_comes_too_late_frees_nothing() -> None:
    assert free(*ABSENT, programme=canteen(), in_time=False) == []


def test_who_came_in_between_was_away_twice() -> None:
    states: tuple[SheetState, ...] = ("absent_unjustified", "present", "absent_unjustified", "absent_unjustified")

    assert free(*states, programme=canteen(first_days_due=1)) == [13]


def test_days_to_come_count_as_days_away() -> None:
    assert free("absent_unjustified", "booked", "booked", "booked", programme=canteen(minimum_days=4)) == [
        9,
        10,
        12,
        13,
    ]


def test_only_the_days_of_the_proof_are_judged() -> None:
    assert free(*ABSENT, programme=canteen(), ends=WEEK[1]) == [9, 10]


def test_cancelled_and_held_days_are_no_absence() -> None:
    assert free("cancelled", "held", "absent_unjustified", programme=canteen()) == [12]


def test_the_time_for_the_proof_runs_from_the_first_day() -> None:
    assert proof_due(canteen(proof_hours=48), WEEK[0], calendar()).isoformat() == "2026-03-11T00:00:00+01:00"


def test_it_runs_from_when_the_activity_begins_where_the_town_says_so() -> None:
    programme = canteen(proof_hours=24)
    timed = [
        type(one)(**{**{name: getattr(one, name) for name in one.__dataclass_fields__}, "starts": NOW.time()})
        for one in programme.activities
    ]
    programme = type(programme)(**{**_fields(programme), "activities": tuple(timed)})

    assert proof_due(programme, WEEK[0], calendar()).isoformat() == "2026-03-10T06:00:00+01:00"


def test_the_clock_change_moves_no_proof() -> None:
    assert proof_due(canteen(proof_hours=48), date(2026, 3, 28), calendar()).tzinfo is not None


# --- quotas -----------------------------------------------------------------------------------------------------------

TWO_A_MONTH = AbsencePolicy.model_validate({"quota": {"most": 2, "per": "month"}})


def test_a_quota_counts_days_not_activities() -> None:
    day = WEEK[0]
    twice = {(code, day): Entry(state="absent_justified", excused="free", proof=QUOTA) for code in (REPAS, PAI)}

    assert quota_left([Sheet(key=sheet().key, days=twice)], TWO_A_MONTH, WEEK[1]) == 1


def test_proven_absences_are_not_counted() -> None:
    proved = {(REPAS, WEEK[0]): Entry(state="absent_justified", excused="free", proof="req_1")}

    assert quota_left([Sheet(key=sheet().key, days=proved)], TWO_A_MONTH, WEEK[1]) == 2


def test_a_year_is_a_school_year() -> None:
    yearly = AbsencePolicy.model_validate({"quota": {"most": 2, "per": "year"}})

    assert period_of(yearly, date(2026, 8, 31)) == (date(2025, 9, 1), date(2026, 8, 31))
    assert period_of(yearly, date(2026, 9, 1)) == (date(2026, 9, 1), date(2027, 8, 31))
    assert period_of(TWO_A_MONTH, date(2026, 2, 5)) == (date(2026, 2, 1), date(2026, 2, 28))


def test_without_a_quota_nothing_is_free_by_itself() -> None:
    assert quota_left([], AbsencePolicy(), WEEK[0]) == 0


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_reported_day_stays_booked_and_is_told() -> None:
    given = sheet("booked")

    change = reported(given, [(REPAS, WEEK[0])], canteen(), NOW)

    assert after(given, change).days[REPAS, WEEK[0]] == Entry(state="booked", reported_at=NOW)
    [told] = change.events
    assert isinstance(told, AbsenceReported)


def test_an_accepted_proof_changes_what_is_charged_and_says_what_is_due() -> None:
    given = sheet("absent_unjustified", "booked")
    rulings: Any = {(REPAS, WEEK[0]): "due", (REPAS, WEEK[1]): "free"}

    change = proven(given, rulings, canteen(), request_id="req_1")

    assert [entry.state for entry in after(given, change).days.values()] == ["absent_unjustified", "absent_justified"]
    marked, decided = change.events
    assert isinstance(marked, AttendanceMarked)
    assert [(one.date, one.outcome) for one in marked.marks] == [(WEEK[1], "absent_justified")]
    assert isinstance(decided, AbsenceProofDecided)
    assert ([one.date for one in decided.free], [one.date for one in decided.due]) == ([WEEK[1]], [WEEK[0]])


def test_the_same_proof_again_changes_nothing() -> None:
    given = sheet("absent_unjustified")
    rulings: Any = {(REPAS, WEEK[0]): "free"}
    once = after(given, proven(given, rulings, canteen(), request_id="req_1"))

    assert proven(once, rulings, canteen(), request_id="req_1") == Change()


def test_what_one_proof_freed_another_does_not_charge() -> None:
    given = sheet("absent_unjustified")
    once = after(given, proven(given, {(REPAS, WEEK[0]): "free"}, canteen(), request_id="req_1"))

    assert proven(once, {(REPAS, WEEK[0]): "due"}, canteen(), request_id="req_2") == Change()


# --- in any order -----------------------------------------------------------------------------------------------------


def say(given: Sheet, what: str, outcome: Any) -> Sheet:
    """One thing said of Monday's meal."""
    slot, programme = (REPAS, WEEK[0]), canteen()
    if what == "reported":
        return after(given, reported(given, [slot], programme, NOW))
    if what == "proven":
        rulings = rulings_of([given], WEEK[0], WEEK[0], programme, in_time=True)
        covered = {slot: rulings[WEEK[0]]} if WEEK[0] in rulings else {}
        return after(given, proven(given, covered, programme, request_id="req_1"))
    occasion = Occasion(activity=programme.activity(REPAS), programme=programme, day=WEEK[0], calendar=calendar())
    return after(given, mark(given, occasion, Sighting(outcome=outcome, at=NOW)))


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("absent_unjustified", "absent_justified"), ("absent_justified", "absent_justified"), ("present", "present")],
)
@pytest.mark.parametrize("order", list(permutations(("reported", "proven", "marked"))))
def test_report_proof_and_mark_end_the_same_in_any_order(order: tuple[str, ...], outcome: str, state: str) -> None:
    given = sheet("booked")
    for what in order:
        given = say(given, what, outcome)

    assert given.state((REPAS, WEEK[0])) == state


def test_a_mark_taken_back_leaves_the_proven_absence() -> None:
    given = say(say(sheet("booked"), "marked", "absent_unjustified"), "proven", None)

    assert say(given, "marked", "unmarked").state((REPAS, WEEK[0])) == "absent_justified"

"""Changing the town's own calendar: what is there afterwards, what is told, which days close."""

from dataclasses import replace
from datetime import date

import pytest

from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.calendar_changes import (
    MOST_PERIODS,
    Periods,
    UnusablePeriod,
    added,
    changed,
    checked,
    newly_closed,
    replaced,
    taken_over,
    told,
    without,
)
from shared.errors import NotFound
from tests.reservations.sample_town import TOWN, calendar, town

TILLEULS, MACE = f"{TOWN}.ecole-des-tilleuls", f"{TOWN}.ecole-jean-mace"
SITES = {TILLEULS, MACE}
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)


def closure(day: date = MONDAY, *sites: str, name: str = "cal_1", label: str = "Grève") -> Period:
    return Period(kind=PeriodKind.CLOSURE, starts=day, ends=day, label=label, site_ids=frozenset(sites), id=name)


def holiday(starts: date, ends: date, *sites: str) -> Period:
    return Period(kind=PeriodKind.HOLIDAY, starts=starts, ends=ends, label="Vacances", site_ids=frozenset(sites))


def faults(period: Period) -> list[str]:
    with pytest.raises(UnusablePeriod) as refused:
        checked(period, SITES)
    return [error["field"] for error in refused.value.errors]


def test_a_period_is_added_in_the_order_of_days() -> None:
    assert added((closure(TUESDAY),), closure(MONDAY, name="cal_2")) == (closure(MONDAY), closure(TUESDAY))


def test_a_period_that_says_the_same_is_not_added_again() -> None:
    before = (closure(),)

    assert added(before, closure(name="cal_2")) == before
    assert added(before, closure(name="cal_2"))[0].id == "cal_1"


def test_a_calendar_does_not_grow_without_end() -> None:
    many = tuple(closure(label=str(number)) for number in range(MOST_PERIODS))

    with pytest.raises(UnusablePeriod):
        added(many, closure())


def test_a_changed_period_keeps_its_name() -> None:
    (after,) = changed((closure(),), "cal_1", closure(TUESDAY, name=""))

    assert (after.id, after.starts) == ("cal_1", TUESDAY)


def test_an_unknown_period_can_neither_be_changed_nor_removed() -> None:
    with pytest.raises(NotFound):
        changed((closure(),), "cal_9", closure())
    with pytest.raises(NotFound):
        without((closure(),), "cal_9")


def test_a_removed_period_is_gone() -> None:
    assert without((closure(), closure(TUESDAY, name="cal_2")), "cal_1") == (closure(TUESDAY),)


def test_a_file_that_says_the_same_again_keeps_the_names() -> None:
    after = replaced((closure(),), [closure(name=""), closure(TUESDAY, name="")])

    assert [period.id for period in after] == ["cal_1", ""]


def test_what_is_wrong_with_a_period_is_named_by_field() -> None:
    assert faults(replace(closure(), ends=date(2026, 3, 8))) == ["until"]
    assert faults(replace(closure(), ends=date(2027, 3, 10))) == ["until"]
    assert faults(closure(date(1900, 1, 1))) == ["from"]
    assert faults(closure(MONDAY, "ailleurs.ecole")) == ["site_ids"]
    assert checked(closure(MONDAY, MACE), SITES) == closure(MONDAY, MACE)


def test_published_holidays_are_added_beside_what_the_town_says_already() -> None:
    own = (closure(), holiday(date(2026, 10, 17), date(2026, 11, 2)))
    autumn, christmas = (
        holiday(date(2026, 10, 17), date(2026, 11, 1)),
        holiday(date(2026, 12, 19), date(2027, 1, 3)),
    )

    done = taken_over(own, (autumn, christmas))

    assert (done.added, done.kept) == ((christmas,), (autumn,))
    assert done.periods == (*own, christmas)


def test_taking_published_holidays_over_again_changes_nothing() -> None:
    christmas = holiday(date(2026, 12, 19), date(2027, 1, 3))
    once = taken_over((), (christmas,)).periods

    assert taken_over(once, (christmas,)).periods == once


def test_holidays_of_one_site_and_closures_do_not_stand_for_those_of_the_town() -> None:
    own = (holiday(date(2026, 12, 19), date(2027, 1, 3), MACE), closure(date(2026, 12, 21)))

    assert len(taken_over(own, (holiday(date(2026, 12, 19), date(2027, 1, 3)),)).added) == 1


def test_what_came_and_what_went_is_told_without_labels() -> None:
    event = told(TOWN, (closure(),), (closure(TUESDAY, MACE),))

    assert event is not None
    assert [(days.change, days.kind, days.starts, days.site_ids) for days in event.changes] == [
        ("removed", "closure", MONDAY, ()),
        ("added", "closure", TUESDAY, (MACE,)),
    ]
    assert "Grève" not in event.model_dump_json()


def test_a_calendar_that_says_the_same_tells_nothing() -> None:
    assert told(TOWN, (closure(),), (closure(name="cal_7"),)) is None


def closed(before: Periods, after: Periods, *, since: date = date(2026, 3, 2)) -> dict[str, set[str]]:
    """Codes of activities of the canteen by day, with the codes of the sites."""
    slots = newly_closed(
        town().programmes[f"{TOWN}.restaurant"], calendar(periods=before), calendar(periods=after), since
    )
    return {
        f"{activity.split('.')[1]} {day}": {site.split(".")[1] for site in sites}
        for (activity, day), sites in slots.items()
    }


def test_a_closure_closes_what_ran_that_day_at_every_site() -> None:
    assert closed((), (closure(),)) == {
        "repas 2026-03-09": {"ecole-des-tilleuls", "ecole-jean-mace"},
        "pai 2026-03-09": {"ecole-des-tilleuls", "ecole-jean-mace"},
    }


def test_a_closure_of_one_school_closes_there_only() -> None:
    assert closed((), (closure(MONDAY, MACE),))["repas 2026-03-09"] == {"ecole-jean-mace"}


def test_a_day_that_was_closed_before_is_not_newly_closed() -> None:
    wednesday = closure(date(2026, 3, 11))

    assert closed((), (wednesday,)) == {}
    assert closed((closure(label="Pont"),), (closure(label="Grève"),)) == {}


def test_opening_a_day_closes_nothing_and_days_gone_by_do_not_matter() -> None:
    assert closed((closure(),), ()) == {}
    assert closed((), (closure(),), since=TUESDAY) == {}


def test_taking_a_moved_school_day_back_closes_it() -> None:
    wednesday = date(2026, 3, 11)
    moved = Period(kind=PeriodKind.SCHOOL_DAY, starts=wednesday, ends=wednesday, label="Rattrapage")

    assert set(closed((moved,), ())) == {"repas 2026-03-11", "pai 2026-03-11"}

"""The month as rows of weeks."""

from datetime import date, timedelta
from typing import Any

from services.portal.weeks import next_limit, weekdays_of, weeks_of

NEVER = {"type": "/problems/not-that-weekday", "detail": "Pas ce jour-là."}
HOLIDAYS = {"type": "/problems/school-holiday", "detail": "Vacances."}


def cell(day: date, state: str = "bookable", refusal: Any = None, **more: Any) -> dict[str, Any]:
    shown = {"date": day.isoformat(), "state": state, "refusal": refusal, "can_book": state == "bookable"}
    return {**shown, "can_cancel": state == "booked", "book_until": None, "cancel_until": None, **more}


def activity(first: date, days: int, **by_day: dict[str, Any]) -> dict[str, Any]:
    """So many days; bookable but at weekends, and but what `dYYYYMMDD` says."""
    dates = [first + timedelta(days=after) for after in range(days)]
    return {"activity_id": "x.repas", "days": [by_day.get(f"d{day:%Y%m%d}") or _usual(day) for day in dates]}


def _usual(day: date) -> dict[str, Any]:
    return cell(day, "closed", NEVER) if day.isoweekday() > 5 else cell(day)


JANUARY = activity(date(2026, 1, 1), 31)


def test_a_month_is_shown_in_its_iso_weeks() -> None:
    weeks = weeks_of([JANUARY])

    assert [(week.number, week.first, week.last) for week in weeks] == [
        (1, date(2025, 12, 29), date(2026, 1, 2)),
        (2, date(2026, 1, 5), date(2026, 1, 9)),
        (3, date(2026, 1, 12), date(2026, 1, 16)),
        (4, date(2026, 1, 19), date(2026, 1, 23)),
        (5, date(2026, 1, 26), date(2026, 1, 30)),
    ]


def test_days_of_other_months_have_no_cell() -> None:
    (_, cells), *_ = weeks_of([JANUARY])[0].rows

    assert [bool(one) for one in cells] == [False, False, False, True, True]


def test_the_first_days_of_january_may_be_in_week_53() -> None:
    assert weeks_of([activity(date(2027, 1, 1), 31)])[0].number == 53


def test_a_month_that_begins_on_a_saturday_begins_with_its_first_weekday() -> None:
    weeks = weeks_of([activity(date(2025, 11, 1), 30)])

    assert [week.number for week in weeks] == [45, 46, 47, 48]


def test_weekends_are_shown_when_something_runs_on_one() -> None:
    saturday = date(2026, 1, 17)
    weeks = weeks_of([activity(date(2026, 1, 1), 31, d20260117=cell(saturday))])

    assert {len(week.days) for week in weeks} == {6}


def test_a_service_without_activities_has_no_weeks() -> None:
    assert weeks_of([]) == []


def test_a_week_of_holidays_is_closed_and_says_why_once() -> None:
    days = {f"d202601{day:02}": cell(date(2026, 1, day), "closed", HOLIDAYS) for day in range(5, 10)}

    first, second, *_ = weeks_of([activity(date(2026, 1, 1), 31, **days)])

    assert (first.is_closed, second.is_closed) == (False, True)
    assert second.reasons == ["Vacances."]


def test_a_week_with_one_or_two_days_is_told_from_a_full_one() -> None:
    days = {f"d202601{day:02}": cell(date(2026, 1, day), "closed", HOLIDAYS) for day in (5, 6, 8, 9)}

    begun, sparse, full, *_ = weeks_of([activity(date(2026, 1, 1), 31, **days)])

    assert sparse.live_days == {date(2026, 1, 7)}
    assert [week.is_sparse for week in (begun, sparse, full)] == [True, True, False]


def test_a_week_where_something_was_booked_before_it_closed_is_not_hidden() -> None:
    days = {f"d202601{day:02}": cell(date(2026, 1, day), "closed", HOLIDAYS) for day in range(5, 9)}
    booked = cell(date(2026, 1, 9), "booked")

    _, week, *_ = weeks_of([activity(date(2026, 1, 1), 31, **days, d20260109=booked)])

    assert not week.is_closed


def test_a_week_that_is_over_is_folded_in_the_month_of_today_only() -> None:
    _, week, running, *_ = weeks_of([JANUARY])

    assert week.is_over(date(2026, 1, 12))
    assert not running.is_over(date(2026, 1, 12))
    assert not week.is_over(date(2026, 2, 12))


def test_a_period_offers_the_weekdays_the_activity_takes_place_on() -> None:
    wednesdays = {f"d202601{day:02}": cell(date(2026, 1, day), "closed", NEVER) for day in (7, 14, 21, 28)}

    assert weekdays_of(activity(date(2026, 1, 1), 31, **wednesdays)) == [1, 2, 4, 5]


def test_in_a_month_of_holidays_a_period_still_offers_them() -> None:
    august = [cell(date(2026, 8, day), "closed", HOLIDAYS) for day in range(1, 32)]

    assert weekdays_of({"activity_id": "x.repas", "days": august}) == [1, 2, 3, 4, 5]


def test_the_next_limit_is_the_first_that_passes_whatever_it_forbids() -> None:
    book = cell(date(2026, 1, 13), book_until="2026-01-09T10:00:00+01:00")
    cancel = cell(date(2026, 1, 12), "booked", cancel_until="2026-01-08T10:00:00+01:00")

    limit = next_limit([activity(date(2026, 1, 1), 31, d20260112=cancel, d20260113=book)])

    assert limit == {"until": "2026-01-08T10:00:00+01:00", "date": "2026-01-12", "action": "cancel"}


def test_a_month_in_which_nothing_can_change_has_no_limit() -> None:
    assert next_limit([JANUARY]) is None

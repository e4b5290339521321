"""Every shape of deadline that published regulations have, on days somebody can look up in a calendar."""

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from services.reservations.domain.calendar import Period, PeriodKind, TownCalendar
from services.reservations.domain.deadlines import Asked, WorkingDays, working_days_before
from tests.reservations.sample_town import TOWN, calendar, paris, regulation

PLAIN = calendar(periods=())
REUNION = calendar("Indian/Reunion", "la-reunion", ())
SCHOOL = f"{TOWN}.ecole-jean-mace"
EARLY = paris(2024, 1, 1)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 3, day) for day in range(9, 14))
BIG_DAYS = some.dates(date(2024, 1, 1), date(2028, 12, 31))
# Vailhauques, and its groups in weeks whose Monday is a public holiday.
GROUPS = [
    {"weekdays": [1, 2], "limit_weekday": 5, "time": "09:00"},
    {"weekdays": [4, 5], "limit_weekday": 2, "time": "09:00"},
]
AFTER_A_HOLIDAY = [
    {"weekdays": [2], "limit_weekday": 4, "time": "09:00"},
    {"weekdays": [4, 5], "limit_weekday": 1, "time": "09:00"},
]


def limit_of(day: date, of: TownCalendar = PLAIN, site_id: str | None = None, **rule: Any) -> str:
    rules = regulation({"id": "regle", **rule})
    limit = rules.verdict("book", day, now=EARLY, calendar=of, site_id=site_id).limit
    assert limit is not None
    return f"{limit:%a %d/%m/%y %H:%M}"


def limit_at(day: date, starts: time, of: TownCalendar = PLAIN, **rule: Any) -> datetime:
    asked = Asked.about(day, of, starts=starts)
    limit = regulation({"id": "regle", **rule}).terms("book", asked).verdict(EARLY).limit
    assert limit is not None
    return limit


# Vigneux (Thursday), Veyras (Tuesday 23:59), L'Argentière (Monday at midnight), and a week more (S-2).
@pytest.mark.parametrize(
    ("weeks", "weekday", "at", "limit"),
    [
        (1, 4, "12:00", "Thu 05/03/26 12:00"),
        (1, 2, "23:59", "Tue 03/03/26 23:59"),
        (1, 1, "23:59", "Mon 02/03/26 23:59"),
        (2, 5, "12:00", "Fri 27/02/26 12:00"),
        (52, 1, "00:00", "Mon 10/03/25 00:00"),
    ],
)
@pytest.mark.parametrize("day", [MONDAY, WEDNESDAY, FRIDAY, date(2026, 3, 15)])
def test_a_day_of_a_week_before_closes_the_whole_iso_week(
    weeks: int, weekday: int, at: str, limit: str, day: date
) -> None:
    assert limit_of(day, shape="week_before", weeks=weeks, weekday=weekday, time=at) == limit


def test_the_first_week_of_a_year_closes_in_the_year_before() -> None:
    assert limit_of(date(2027, 1, 4), shape="week_before", weeks=1, weekday=4, time="12:00") == "Thu 31/12/26 12:00"


def test_wednesdays_can_be_left_out_of_the_count() -> None:
    rule = {"shape": "working_days_before", "days": 2, "time": "10:00", "working_days": {"wednesdays": False}}

    assert limit_of(THURSDAY, **rule) == "Mon 09/03/26 10:00"
    assert limit_of(FRIDAY, **rule) == "Tue 10/03/26 10:00"
    assert limit_of(TUESDAY, **rule) == "Fri 06/03/26 10:00"


def test_saturdays_count_where_the_town_says_so() -> None:
    rule = {"shape": "working_days_before", "days": 2, "time": "10:00", "working_days": {"saturdays": True}}

    assert limit_of(MONDAY, **rule) == "Fri 06/03/26 10:00"


def test_days_the_kitchen_is_closed_do_not_count() -> None:
    closed = [{"from": "2026-03-05", "until": "2026-03-06"}]
    rule = {"shape": "working_days_before", "days": 2, "time": "10:00", "working_days": {"closed": closed}}

    assert limit_of(MONDAY, **rule) == "Tue 03/03/26 10:00"


def test_closures_and_school_holidays_count_until_the_town_says_otherwise() -> None:
    rule = {"shape": "working_days_before", "days": 1, "time": "10:00"}
    after_the_bridge, after_winter = date(2026, 5, 18), date(2026, 3, 2)

    assert limit_of(after_the_bridge, calendar(), **rule) == "Fri 15/05/26 10:00"
    assert limit_of(after_winter, calendar(), **rule) == "Fri 27/02/26 10:00"
    rule["working_days"] = {"town_closures": False, "school_holidays": False}
    assert limit_of(after_the_bridge, calendar(), **rule) == "Wed 13/05/26 10:00"
    assert limit_of(after_winter, calendar(), **rule) == "Fri 13/02/26 10:00"


def test_a_closure_of_one_site_moves_the_deadline_of_that_site_only() -> None:
    rule = {
        "shape": "working_days_before",
        "days": 1,
        "time": "10:00",
        "working_days": {"site_closures": False},
    }

    assert limit_of(FRIDAY, calendar(), SCHOOL, **rule) == "Wed 11/03/26 10:00"
    assert limit_of(FRIDAY, calendar(), f"{TOWN}.ecole-des-tilleuls", **rule) == "Thu 12/03/26 10:00"
    assert limit_of(FRIDAY, calendar(), **rule) == "Thu 12/03/26 10:00"


def test_a_town_closed_for_years_has_no_window_instead_of_a_wrong_one() -> None:
    years = Period(kind=PeriodKind.CLOSURE, starts=date(2020, 1, 1), ends=date(2026, 12, 31), label="Travaux")
    rules = regulation(
        {
            "id": "j-1",
            "shape": "working_days_before",
            "days": 1,
            "time": "10:00",
            "working_days": {"town_closures": False},
        }
    )

    assert rules.verdict("book", MONDAY, now=EARLY, calendar=calendar(periods=(years,))).state == "no_window"


@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (date(2026, 4, 7), "Thu 02/04/26 09:00"),
        (date(2026, 4, 9), "Mon 06/04/26 09:00"),
        (date(2026, 4, 10), "Mon 06/04/26 09:00"),
        (date(2026, 4, 14), "Fri 10/04/26 09:00"),
        (date(2026, 4, 16), "Tue 14/04/26 09:00"),
    ],
)
def test_a_week_that_begins_with_easter_monday_has_groups_of_its_own(day: date, limit: str) -> None:
    """Its second limit falls on Easter Monday itself, and stays there."""
    assert limit_of(day, shape="weekday_groups", groups=GROUPS, holiday_weeks=AFTER_A_HOLIDAY) == limit


def test_a_weekday_the_holiday_groups_leave_out_keeps_its_ordinary_one() -> None:
    rule = {"shape": "weekday_groups", "groups": GROUPS, "holiday_weeks": AFTER_A_HOLIDAY[:1]}

    assert limit_of(date(2026, 4, 9), **rule) == "Tue 07/04/26 09:00"


def test_a_group_can_close_a_week_earlier_still() -> None:
    groups = [{"weekdays": [1, 2, 4, 5], "limit_weekday": 3, "time": "09:00", "weeks": 1}]

    assert limit_of(MONDAY, shape="weekday_groups", groups=groups) == "Wed 25/02/26 09:00"


def test_a_school_day_moved_to_a_wednesday_closes_with_the_first_group_it_stands_for() -> None:
    moved = date(2026, 5, 20)

    assert limit_of(moved, calendar(), shape="weekday_groups", groups=GROUPS) == "Fri 15/05/26 09:00"


def test_a_weekday_is_in_one_group() -> None:
    with pytest.raises(ValidationError):
        regulation({"id": "groupes", "shape": "weekday_groups", "groups": [GROUPS[0], GROUPS[0]]})


# Milly: the day before, 10:00. “48 heures” counts calendar days.
def test_forty_eight_hours_count_from_the_beginning_of_the_activity() -> None:
    found = limit_at(MONDAY, time(8, 30), shape="hours_before", hours=48)

    assert found.isoformat() == "2026-03-07T08:30:00+01:00"


def test_hours_count_from_midnight_when_the_beginning_is_not_told() -> None:
    assert limit_of(MONDAY, shape="hours_before", hours=48) == "Sat 07/03/26 00:00"
    assert limit_of(MONDAY, REUNION, shape="hours_before", hours=1) == "Sun 08/03/26 23:00"


@pytest.mark.parametrize("day", [date(2026, 3, 30), date(2026, 10, 26)])
def test_hours_are_those_of_the_clock_on_the_wall_when_it_changes(day: date) -> None:
    found = limit_at(day, time(8, 30), shape="hours_before", hours=48)

    assert f"{found:%H:%M}" == "08:30"
    assert (day - found.date()).days == 2


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_hours_before_a_night_that_changes_the_clocks_are_one_instant(night: date) -> None:
    found = limit_at(night, time(4, 30), shape="hours_before", hours=2)

    assert found.timestamp() == datetime.fromisoformat(f"{night}T01:30:00+00:00").timestamp()


@pytest.mark.parametrize(
    ("months", "number", "limit"),
    [
        (1, 20, "Fri 20/02/26 12:00"),
        (1, 31, "Sat 28/02/26 12:00"),
        (2, 15, "Thu 15/01/26 12:00"),
        (3, 1, "Mon 01/12/25 12:00"),
        (12, 31, "Mon 31/03/25 12:00"),
    ],
)
def test_a_month_closes_on_a_day_of_a_month_before(months: int, number: int, limit: str) -> None:
    rule = {"id": "mois", "shape": "month_before", "months": months, "day": number, "time": "12:00"}

    for day in (date(2026, 3, 1), MONDAY, date(2026, 3, 31)):
        found = regulation(rule).verdict("book", day, now=EARLY, calendar=PLAIN).limit
        assert found is not None
        assert f"{found:%a %d/%m/%y %H:%M}" == limit


# Andancette: book until Friday 12:00 for the next week, cancel until the day before 12:00.
def test_booking_closes_with_the_week_and_cancelling_with_the_day() -> None:
    rules = regulation(
        {"id": "vendredi", "shape": "week_before", "weeks": 1, "weekday": 5, "time": "12:00"},
        cancelling=[{"id": "veille", "shape": "calendar_days_before", "days": 1, "time": "12:00"}],
    )
    now = paris(2026, 3, 11, 11, 59)

    assert rules.verdict("book", THURSDAY, now=now, calendar=PLAIN).state == "passed"
    assert rules.verdict("cancel", THURSDAY, now=now, calendar=PLAIN).open


# Rumilly: until 26 January for 6 to 17 February; nothing has to open first.
def test_a_window_may_be_open_from_the_beginning() -> None:
    window = {"from": "2026-02-06", "until": "2026-02-17", "closes": "2026-01-26T23:59"}
    rules = regulation({"id": "hiver", "shape": "absolute_window", "windows": [window]})

    found = rules.verdict("book", date(2026, 2, 9), now=EARLY, calendar=PLAIN)
    assert found.open
    assert found.opens is None
    assert rules.verdict("book", date(2026, 2, 9), now=paris(2026, 1, 27), calendar=PLAIN).state == "passed"


def test_a_rule_holds_for_its_own_days_weekdays_and_activities() -> None:
    evening = {"shape": "calendar_days_before", "days": 1, "time": "18:00"}
    rules = regulation(
        {"id": "mars", **evening, "from": "2026-03-01", "until": "2026-03-31"},
        {"id": "mercredi", **evening, "days": 7, "weekdays": [3]},
        {"id": "soir", **evening, "days": 3, "activities": ["soir"]},
    )

    def rule(day: date, activity: str = "repas") -> str:
        return rules.verdict("book", day, now=EARLY, calendar=PLAIN, activity=activity).rule_id

    assert rule(MONDAY) == "mars"
    assert rule(WEDNESDAY) == "mercredi"
    assert rule(MONDAY, "soir") == "soir"
    assert rules.verdict("book", date(2026, 4, 1), now=EARLY, calendar=PLAIN, activity="repas").rule_id == "mercredi"
    assert rules.verdict("book", date(2026, 4, 2), now=EARLY, calendar=PLAIN, activity="repas").state == "no_window"


@pytest.mark.parametrize(
    "rule",
    [
        {"shape": "hours_before", "hours": -1},
        {"shape": "month_before", "months": 0, "day": 1, "time": "12:00"},
        {"shape": "month_before", "day": 32, "time": "12:00"},
        {"shape": "week_before", "weeks": 53, "weekday": 1, "time": "12:00"},
        {"shape": "hours_before", "hours": 1, "from": "2026-03-02", "until": "2026-03-01"},
        {"shape": "hours_before", "hours": 1, "weekdays": [8]},
        {"shape": "hours_before", "hours": 1, "activities": ["REPAS"]},
        {"shape": "hours_before", "hours": 1, "audience": {}},
        {"shape": "hours_before", "hours": 1, "audience": {"ages": {}}},
        {"shape": "hours_before", "hours": 1, "audience": {"ages": {"from": 6, "to": 3}}},
        {"shape": "working_days_before", "days": 1, "time": "12:00", "working_days": {"sundays": True}},
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        regulation({"id": "regle", **rule})


def test_every_rule_of_a_regulation_has_a_name() -> None:
    with pytest.raises(ValidationError):
        regulation({"shape": "hours_before", "hours": 48})


CLOCKS = some.integers(0, 1439).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
WEEKDAYS = some.integers(1, 7)
SHAPES = some.one_of(
    some.fixed_dictionaries(
        {"shape": some.just("working_days_before"), "days": some.integers(1, 20), "time": CLOCKS},
        optional={
            "working_days": some.fixed_dictionaries(
                {}, optional={"wednesdays": some.booleans(), "saturdays": some.booleans()}
            )
        },
    ),
    some.fixed_dictionaries(
        {"shape": some.just("calendar_days_before"), "days": some.integers(1, 366), "time": CLOCKS}
    ),
    some.fixed_dictionaries({"shape": some.just("hours_before"), "hours": some.integers(0, 2000)}),
    some.fixed_dictionaries(
        {"shape": some.just("week_before"), "weeks": some.integers(1, 52), "weekday": WEEKDAYS, "time": CLOCKS}
    ),
    some.fixed_dictionaries(
        {"shape": some.just("month_before"), "months": some.integers(1, 12), "day": some.integers(1, 31)},
        optional={},
    ).flatmap(lambda known: CLOCKS.map(lambda clock: {**known, "time": clock})),
    some.builds(
        lambda limit, clock: {
            "shape": "weekday_groups",
            "groups": [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "limit_weekday": limit, "time": clock}],
        },
        WEEKDAYS,
        CLOCKS,
    ),
)
TOWNS = some.sampled_from([PLAIN, REUNION, calendar(public_holidays="alsace-moselle", periods=())])


def _limit(rule: dict[str, Any], day: date, of: TownCalendar) -> datetime:
    limit = regulation({"id": "regle", **rule}).verdict("book", day, now=EARLY, calendar=of).limit
    assert limit is not None
    return limit


@settings(deadline=None)
@given(day=BIG_DAYS, rule=SHAPES, of=TOWNS)
def test_no_limit_is_later_than_the_beginning_of_its_day(day: date, rule: dict[str, Any], of: TownCalendar) -> None:
    assert _limit(rule, day, of).timestamp() <= of.at(day, time(0)).timestamp()


@settings(deadline=None)
@given(day=BIG_DAYS, later=some.integers(1, 40), rule=SHAPES, of=TOWNS)
def test_a_later_day_never_closes_before_an_earlier_one(
    day: date, later: int, rule: dict[str, Any], of: TownCalendar
) -> None:
    other = date.fromordinal(day.toordinal() + later)

    assert _limit(rule, day, of).timestamp() <= _limit(rule, other, of).timestamp()


@settings(deadline=None)
@given(day=BIG_DAYS, rules=some.lists(SHAPES, min_size=2, max_size=4), of=TOWNS)
def test_together_rules_are_as_strict_as_the_strictest(
    day: date, rules: list[dict[str, Any]], of: TownCalendar
) -> None:
    named = [{"id": f"regle-{number}", **rule} for number, rule in enumerate(rules)]
    together = regulation(*named).verdict("book", day, now=EARLY, calendar=of)

    assert together.limit is not None
    assert together.limit.timestamp() == min(_limit(rule, day, of).timestamp() for rule in named)


@settings(deadline=None)
@given(day=BIG_DAYS, rule=SHAPES, of=TOWNS)
def test_a_limit_reads_the_same_on_the_clock_of_the_town_and_as_an_instant(
    day: date, rule: dict[str, Any], of: TownCalendar
) -> None:
    limit = _limit(rule, day, of)

    assert of.local(datetime.fromtimestamp(limit.timestamp(), of.zone)) == limit
    assert limit.astimezone(of.zone).isoformat() == limit.isoformat()


COUNTED = some.fixed_dictionaries(
    {},
    optional={
        name: some.booleans()
        for name in ("wednesdays", "saturdays", "school_holidays", "town_closures", "site_closures")
    },
)


@settings(deadline=None)
@given(day=some.dates(date(2026, 1, 1), date(2026, 12, 31)), count=some.integers(1, 15), counted=COUNTED)
def test_counting_back_always_lands_on_a_day_that_counts(day: date, count: int, counted: dict[str, bool]) -> None:
    days, of = WorkingDays.model_validate(counted), calendar()
    found = working_days_before(day, count, of, days, SCHOOL)

    assert found is not None
    between = [date.fromordinal(number) for number in range(found.toordinal(), day.toordinal())]
    assert days.count(found, of, SCHOOL)
    assert sum(days.count(one, of, SCHOOL) for one in between) == count

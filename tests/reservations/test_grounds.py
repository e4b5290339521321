"""What is kept of a month for a minute is what would be worked out again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reservations.domain.audience import Ages, Audience
from services.reservations.domain.bookable import Enrolment, RosterChild
from services.reservations.domain.day_view import BLANK
from services.reservations.domain.grounds import MOST, Grounds, MonthGround, audiences_in, likeness
from services.reservations.domain.programmes import Programme
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.town import Town
from shared.contracts.households import CustodyPlan
from tests.reservations.sample_town import TOWN, child, paris, town

MONTH = "2026-03"
REPAS = f"{TOWN}.repas"
RESTAURANT = f"{TOWN}.restaurant"
FIRST = date(2026, 3, 1)

AUDIENCES = st.sampled_from(
    [
        Audience.model_validate(said)
        for said in (
            {"residents": False},
            {"groups": ["CP"]},
            {"categories": ["agent"]},
            {"ages": {"from": 6}},
            {"enrolled_before": "2025-09-01"},
        )
    ]
)
RULES = st.fixed_dictionaries(
    {
        "id": st.just("rule"),
        "shape": st.just("calendar_days_before"),
        "days": st.integers(0, 30),
        "time": st.just("10:00"),
    },
    optional={"audience": AUDIENCES.map(lambda one: one.model_dump(mode="json", by_alias=True, exclude_none=True))},
)
OPEN = {"id": "always", "shape": "calendar_days_before", "days": 0, "time": "23:00"}


def enrolled(site: str, group: str, starts: date, ends: date, category: str = "") -> Enrolment:
    of = {"programme_id": RESTAURANT, "site_id": f"{TOWN}.{site}", "group": group, "category": category}
    return Enrolment(starts=starts, ends=ends, **of)


# Few of each, so that many children are alike in all but what an audience asks for.
ENROLMENTS = st.sampled_from(
    [
        (),
        (enrolled("ecole-des-tilleuls", "CP", date(2025, 6, 1), date(2026, 8, 31)),),
        (enrolled("ecole-des-tilleuls", "CP", date(2025, 6, 1), date(2026, 8, 31), "agent"),),
        (enrolled("ecole-des-tilleuls", "CP", date(2025, 9, 1), date(2026, 3, 12)),),
        (
            enrolled("ecole-des-tilleuls", "CP", date(2025, 9, 1), date(2026, 8, 31)),
            enrolled("ecole-jean-mace", "CM2", date(2026, 3, 12), date(2026, 8, 31)),
        ),
        (
            enrolled("ecole-des-tilleuls", "CP", date(2024, 9, 1), date(2025, 8, 31)),
            enrolled("ecole-des-tilleuls", "CP", date(2025, 9, 1), date(2026, 8, 31)),
        ),
    ]
)
BORN = st.sampled_from([None, date(2019, 3, 1), date(2020, 3, 10), date(2020, 3, 20), date(2021, 1, 1)])
CHILDREN = st.builds(
    lambda enrolments, resident, born: replace(child(), enrolments=enrolments, resident=resident, birth_date=born),
    ENROLMENTS,
    st.booleans(),
    BORN,
)
NOWS = st.integers(0, 60 * 24 * 60).map(lambda minutes: paris(2026, 2, 1, 0, 0) + timedelta(minutes=minutes, seconds=7))


def ruled(*rules: Mapping[str, Any], audience: Audience | None = None) -> Town:
    known = town()
    programme = known.programme(RESTAURANT)
    named = [OPEN, *({**rule, "id": f"{rule['id']}-{at}"} for at, rule in enumerate(rules))]
    regulation = Regulation.model_validate({"version": 1, "booking": named, "cancelling": named})
    activities = tuple(replace(one, audience=audience) for one in programme.activities)
    changed = replace(programme, regulation=regulation, activities=activities)
    return replace(known, programmes={**known.programmes, programme.id: changed})


def seen(ground: MonthGround) -> list[tuple[Any, ...]]:
    views = [ground.view((activity, day), BLANK) for activity in ground.activities for day in ground.days]
    return [
        (view.state, view.can_book, view.kind, view.book_until, view.cancel_until, view.opens, view.rule)
        + ((type(view.refusal), sorted(map(str, view.refusal.facts.items()))) if view.refusal else ())
        for view in views
    ]


def programme_of(known: Town) -> Programme:
    return known.programme(RESTAURANT)


@settings(max_examples=60, deadline=None)
@given(st.lists(RULES, max_size=2), st.none() | AUDIENCES, st.lists(CHILDREN, min_size=2, max_size=8), NOWS)
def test_every_child_gets_the_answers_it_would_get_alone(
    rules: list[Mapping[str, Any]], audience: Audience | None, children: list[RosterChild], now: datetime
) -> None:
    known, grounds = ruled(*rules, audience=audience), Grounds()
    later = now + timedelta(seconds=0.2)

    for one in children:
        grounds.of(one, known, programme_of(known), MONTH, now)
    for one in children:
        kept = grounds.of(one, known, programme_of(known), MONTH, later)
        assert seen(kept) == seen(MonthGround(known, programme_of(known), one, MONTH, later))


def test_children_of_one_school_share_what_is_kept() -> None:
    known, grounds, now = town(), Grounds(), paris(2026, 3, 2, 8, 0) + timedelta(seconds=1)
    elsewhere = tuple(replace(one, group="CM2", starts=date(2025, 10, 6)) for one in child().enrolments)
    born = date(2018, 1, 1)
    other = replace(child(), child_id="chd_2", household_id="hsh_2", birth_date=born, enrolments=elsewhere)

    first = grounds.of(child(), known, programme_of(known), MONTH, now)

    assert grounds.of(other, known, programme_of(known), MONTH, now) is first


def test_only_so_many_months_are_kept() -> None:
    known, now = town(), paris(2026, 3, 2, 8, 0) + timedelta(seconds=1)
    grounds, months = Grounds(), [f"{year}-{month:02}" for year in range(2020, 2047) for month in range(1, 13)]
    last = [grounds.of(child(), known, programme_of(known), month, now) for month in months][-1]

    assert len(grounds) == MOST
    assert grounds.of(child(), known, programme_of(known), months[-1], now) is last


def test_the_next_minute_is_worked_out_anew() -> None:
    known, grounds, now = town(), Grounds(), paris(2026, 3, 2, 9, 59) + timedelta(seconds=59)
    first = grounds.of(child(), known, programme_of(known), MONTH, now)

    assert grounds.of(child(), known, programme_of(known), MONTH, now + timedelta(seconds=2)) is not first


def test_in_the_instant_of_a_limit_nothing_is_kept() -> None:
    known, grounds, limit = town(), Grounds(), paris(2026, 3, 6, 10, 0)
    tuesday = (REPAS, date(2026, 3, 10))

    at = grounds.of(child(), known, programme_of(known), MONTH, limit)
    after = grounds.of(child(), known, programme_of(known), MONTH, limit + timedelta(milliseconds=1))

    assert at.view(tuesday, BLANK).can_book
    assert not after.view(tuesday, BLANK).can_book


def test_a_town_that_changed_is_worked_out_anew() -> None:
    grounds, now = Grounds(), paris(2026, 3, 2, 8, 0) + timedelta(seconds=1)
    before, after = town(), ruled({"id": "far", "shape": "calendar_days_before", "days": 30, "time": "10:00"})
    tuesday = (REPAS, date(2026, 3, 10))

    assert grounds.of(child(), before, programme_of(before), MONTH, now).view(tuesday, BLANK).can_book
    assert not grounds.of(child(), after, programme_of(after), MONTH, now).view(tuesday, BLANK).can_book


def test_a_child_with_weeks_of_two_households_has_its_own() -> None:
    known, grounds, now = town(), Grounds(), paris(2026, 3, 2, 8, 0) + timedelta(seconds=1)
    weeks = CustodyPlan(even_weeks="hsh_1", odd_weeks="hsh_2")
    shared = replace(child(), custody=weeks)

    first = grounds.of(shared, known, programme_of(known), MONTH, now)

    assert grounds.of(shared, known, programme_of(known), MONTH, now) is not first


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({"birth_date": date(2017, 1, 1)}, True),
        ({"first_name": "Zoé"}, True),
        ({"resident": False}, False),
        ({"enrolments": ()}, False),
    ],
)
def test_likeness_is_what_rules_see(change: dict[str, Any], alike: bool) -> None:
    programme = programme_of(town())
    known = likeness(child(), programme, MONTH, ())

    assert (likeness(replace(child(), **change), programme, MONTH, ()) == known) is alike


def test_a_birthday_that_an_audience_asks_for_tells_children_apart() -> None:
    six = Audience(ages=Ages.model_validate({"from": 6}))
    programme = programme_of(ruled(audience=six))
    before = replace(child(), birth_date=date(2020, 3, 10))
    after = replace(child(), birth_date=date(2020, 3, 11))

    assert set(audiences_in(programme)) == {six}
    assert likeness(before, programme, MONTH, [six]) != likeness(after, programme, MONTH, [six])

"""Which rules an agent can set aside, and which not: without a database."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reservations.domain.audience import Audience
from services.reservations.domain.bookable import DayAnswer, Enrolment, RosterChild
from services.reservations.domain.on_behalf import AskedDay, Behalf, Waiver, occasional
from services.reservations.domain.refusals_of_custody import OtherHouseholdsDay
from services.reservations.domain.refusals_of_days import (
    DeadlinePassed,
    NotEnrolled,
    NotForThisChild,
    NotThatWeekday,
    NotYetOpen,
)
from services.reservations.domain.regulation import Action
from services.reservations.domain.town import Town
from services.reservations.usecases.book_on_behalf import without_doubles
from shared.contracts.households import CustodyPlan
from shared.errors import Refused
from tests.reservations.sample_town import EVENING_BEFORE, TOWN, child, paris, regulation, town

REPAS, JOURNEE, STAGE = f"{TOWN}.repas", f"{TOWN}.journee", f"{TOWN}.stage"
RESTAURANT = f"{TOWN}.restaurant"
TUESDAY, WEDNESDAY = date(2026, 3, 10), date(2026, 3, 11)
TOO_LATE = paris(2026, 3, 9, 8)
NEXT_WEEK = paris(2026, 3, 17, 8)


def ask(
    *waived: Waiver,
    day: date = TUESDAY,
    activity: str = REPAS,
    action: Action = "book",
    now: Any = TOO_LATE,
    who: RosterChild | None = None,
    where: Town | None = None,
) -> DayAnswer:
    behalf = Behalf(waived=frozenset(waived))
    known = who or child()
    return behalf.town(where or town()).answer(activity, day, action=action, child=behalf.child(known), now=now)


def refused(answer: DayAnswer) -> type[Refused] | None:
    return type(answer.refusal) if answer.refusal else None


def test_an_agent_is_held_to_the_same_rules() -> None:
    assert refused(ask()) is DeadlinePassed


@pytest.mark.parametrize("action", ["book", "cancel"])
def test_deadlines_can_be_set_aside_also_for_days_gone_by(action: Action) -> None:
    assert refused(ask("deadline", action=action)) is None
    assert refused(ask("deadline", action=action, now=NEXT_WEEK)) is None


def test_so_can_openings() -> None:
    early = paris(2026, 1, 5, 8)
    monday = date(2026, 2, 16)

    assert refused(ask(activity=STAGE, day=monday, now=early)) is NotYetOpen
    assert refused(ask("deadline", activity=STAGE, day=monday, now=early)) is None


def test_a_closed_day_stays_closed() -> None:
    assert refused(ask("deadline", "enrolment", "audience", "custody", day=WEDNESDAY)) is NotThatWeekday


def test_an_enrolment_is_made_and_not_set_aside() -> None:
    stranger = child(enrolments=())

    assert refused(ask("deadline", "enrolment", who=stranger)) is NotEnrolled


def for_older_children(**changes: Any) -> Town:
    known = town()
    programme = known.programme(RESTAURANT)
    audience = Audience.model_validate({"ages": {"from": 12, "to": 17}})
    activities = tuple(replace(one, audience=audience) for one in programme.activities)
    programmes = {**known.programmes, RESTAURANT: replace(programme, activities=activities, **changes)}
    return replace(known, programmes=programmes)


def test_an_audience_can_be_set_aside_and_the_deadline_still_counts() -> None:
    assert refused(ask(where=for_older_children())) is NotForThisChild
    assert refused(ask("audience", where=for_older_children())) is DeadlinePassed
    assert refused(ask("audience", "deadline", where=for_older_children())) is None


def test_the_other_households_day_can_be_set_aside() -> None:
    away = child(others=frozenset({"hsh_2"}), custody=CustodyPlan(even_weeks="hsh_2", odd_weeks="hsh_2"))

    assert refused(ask("deadline", who=away)) is OtherHouseholdsDay
    assert refused(ask("deadline", "custody", who=away)) is None


@pytest.mark.parametrize(("waived", "weekly"), [((), 1), (("weekly",), 0)])
def test_weekly_limits_can_be_set_aside_in_every_version(waived: tuple[Waiver, ...], weekly: int) -> None:
    limited = regulation(EVENING_BEFORE, weekly=[{"id": "deux-jours", "maximum": 2}])
    known = town()
    programme = replace(known.programme(RESTAURANT), regulation=limited, former=(limited,))
    where = replace(known, programmes={**known.programmes, RESTAURANT: programme})

    found = Behalf(waived=frozenset(waived)).town(where).programme(RESTAURANT)

    assert [len(one.weekly) for one in (found.regulation, *found.former)] == [weekly, weekly]


@pytest.mark.parametrize(
    ("effect", "waived", "left"),
    [
        ("agent_approval", (), None),
        ("surcharge", (), "surcharge"),
        ("surcharge", ("deadline",), None),
        ("charged", ("deadline",), None),
        ("charged", (), "charged"),
    ],
)
def test_being_late_costs_what_it_costs_unless_deadlines_are_set_aside(
    effect: Any, waived: tuple[Waiver, ...], left: str | None
) -> None:
    late = {"surcharge": "book", "agent_approval": "book", "charged": "cancel"}[effect]
    extra = {"surcharge": {"cents": 100}} if effect == "surcharge" else {}
    tier = {"id": "tard", "action": late, "effect": effect, "until": EVENING_BEFORE, **extra}
    known = town()
    rules = regulation(late=[tier])
    programme = replace(known.programme(RESTAURANT), regulation=rules)
    where = replace(known, programmes={**known.programmes, RESTAURANT: programme})
    action: Any = late

    answer = ask(*waived, where=where, action=action)

    assert answer.allowed
    assert (answer.tier.effect if answer.tier else None) == left


def test_occasional_enrolments_are_for_the_missing_days_at_the_childs_own_site() -> None:
    known = child(site="ecole-jean-mace")
    elsewhere = replace(known, enrolments=tuple(one for one in known.enrolments if one.programme_id != RESTAURANT))

    made = occasional(elsewhere, town().programme(RESTAURANT), [TUESDAY, TUESDAY, WEDNESDAY])

    assert [(one.site_id, one.group, one.starts, one.ends) for one in made] == [
        (f"{TOWN}.ecole-jean-mace", "CE1", day, day) for day in (TUESDAY, WEDNESDAY)
    ]
    assert occasional(known, town().programme(RESTAURANT), [TUESDAY]) == []


def test_a_child_enrolled_nowhere_goes_to_the_programmes_first_site() -> None:
    (made,) = occasional(child(enrolments=()), town().programme(RESTAURANT), [TUESDAY])

    assert made == Enrolment(
        programme_id=RESTAURANT, site_id=f"{TOWN}.ecole-des-tilleuls", group="", starts=TUESDAY, ends=TUESDAY
    )


def test_a_day_asked_twice_is_asked_once() -> None:
    first = AskedDay(activity_id=REPAS, date=TUESDAY, action="book")
    second = AskedDay(activity_id=REPAS, date=TUESDAY, action="cancel")
    other = AskedDay(activity_id=JOURNEE, date=TUESDAY, action="book")

    assert without_doubles([first, other, second]) == (first, other)

"""Counts of heads and the orders of kitchens, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.reservations.domain.attendance import Counts
from services.reservations.domain.catalogue_checks import faults_of
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue, written
from services.reservations.domain.deadlines import Rule
from services.reservations.domain.diets import OFFERED, is_diet, refused_names
from services.reservations.domain.headcounts import Headcount, Table, headcounts, meals, without_groups
from services.reservations.domain.meal_orders import MealOrder, covered, due_at
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Entry, SheetState
from shared.contracts.reservations_at_the_door import MealOrderAmended, MealOrderFrozen
from tests.reservations.rig import PAI, REPAS, SITE, programme
from tests.reservations.sample_town import TOWN, calendar, catalogue_file, child, paris, town

MONDAY = date(2026, 3, 9)
RESTAURANT = programme("restaurant")
PROGRAMME_OF = {REPAS: RESTAURANT, PAI: RESTAURANT}
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
TWO_DAYS = {"id": "commande", "shape": "working_days_before", "days": 2, "time": "10:00"}


def kid(number: int, *, group: str = "CE1", diet: str = "") -> Any:
    known = child(child_id=f"chd_{number}")
    enrolments = tuple(replace(one, group=group, diet=diet) for one in known.enrolments)
    return replace(known, enrolments=enrolments)


def counted(states: list[SheetState], activity: str = REPAS, **place: str) -> list[Headcount]:
    days = {f"chd_{number}": {activity: Entry(state=state)} for number, state in enumerate(states)}
    children = {name: kid(number, **place) for number, name in enumerate(days)}
    return headcounts(days, children, PROGRAMME_OF, MONDAY)


def test_heads_are_counted_by_state() -> None:
    (found,) = counted(
        ["booked", "requested", "held", "present", "present_unbooked", "absent_justified", "absent_unjustified"]
    )

    assert found.counts == Counts(expected=5, present=2, absent=2, unbooked=1)
    assert (found.to_prepare, found.held) == (4, 1)
    assert found.table == Table(activity_id=REPAS, site_id=SITE, group="CE1")


def test_who_is_announced_away_is_not_cooked_for_unless_seen() -> None:
    away: Any = {"reported_at": NOW}
    days = {
        "chd_1": {REPAS: Entry(state="booked", **away)},
        "chd_2": {REPAS: Entry(state="present", **away)},
        "chd_3": {REPAS: Entry(state="booked")},
    }

    (found,) = headcounts(days, {name: kid(1) for name in days}, PROGRAMME_OF, MONDAY)

    assert (found.counts.expected, found.reported, found.to_prepare) == (3, 1, 2)


def test_a_cancelled_day_has_no_head() -> None:
    assert counted(["cancelled"]) == []


def test_classes_and_diets_are_told_apart() -> None:
    days = {name: {REPAS: Entry(state="booked")} for name in ("chd_1", "chd_2", "chd_3", "chd_4")}
    children = {
        "chd_1": kid(1),
        "chd_2": kid(2, diet="sans-porc"),
        "chd_3": kid(3, group="CM2", diet="sans-porc"),
    }

    found = headcounts(days, children, PROGRAMME_OF, MONDAY)

    assert [(one.table.site_id, one.table.group, one.table.diet, one.to_prepare) for one in found] == [
        ("", "", "", 1),
        (SITE, "CE1", "", 1),
        (SITE, "CE1", "sans-porc", 1),
        (SITE, "CM2", "sans-porc", 1),
    ]
    assert [(one.table.group, one.table.diet, one.to_prepare) for one in without_groups(found)] == [
        ("", "", 1),
        ("", "", 1),
        ("", "sans-porc", 2),
    ]
    assert meals(found)[Table(activity_id=REPAS, site_id=SITE, diet="sans-porc")] == 2


def test_what_nobody_eats_is_not_ordered() -> None:
    assert meals(counted(["absent_justified"])) == {}


@pytest.mark.parametrize("name", ["Halal", "sans porc (musulman)", "CASHER", "Carême"])
def test_a_diet_names_no_belief(name: str) -> None:
    ((_, sentence),) = refused_names({"regime": name})

    assert "belief" in sentence


@pytest.mark.parametrize("name", ["Allergie arachide", "diabétique", "Cœliaque"])
def test_a_diet_names_no_illness(name: str) -> None:
    ((_, sentence),) = refused_names({"regime": name})

    assert "illness" in sentence


def test_what_is_not_eaten_may_be_said() -> None:
    assert list(refused_names({**OFFERED, "sans-gluten": "Sans gluten", "vegetarien": "Végétarien"})) == []
    assert is_diet("", OFFERED)
    assert is_diet("sans-porc", OFFERED)
    assert not is_diet("sans-rien", OFFERED)


def with_freeze(**rule: Any) -> Programme:
    adapter: TypeAdapter[Any] = TypeAdapter(Rule)
    return replace(town().programme(RESTAURANT), headcount_freeze=adapter.validate_python({**TWO_DAYS, **rule}))


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 3, 9), paris(2026, 3, 5, 10)),
        (date(2026, 3, 13), paris(2026, 3, 11, 10)),
        # Easter Monday is no working day.
        (date(2026, 4, 7), paris(2026, 4, 2, 10)),
    ],
)
def test_an_order_is_due_as_its_rule_says(day: date, due: datetime) -> None:
    assert due_at(with_freeze(), day, calendar()) == due


@pytest.mark.parametrize("day", [date(2026, 3, 11), date(2026, 2, 16), date(2026, 5, 14), date(2026, 3, 14)])
def test_nothing_is_due_for_a_day_on_which_nothing_runs(day: date) -> None:
    assert due_at(with_freeze(), day, calendar()) is None


def test_a_programme_without_a_kitchen_orders_nothing() -> None:
    assert due_at(town().programme(RESTAURANT), MONDAY, calendar()) is None


def test_an_order_covers_the_activities_its_rule_names_or_all() -> None:
    assert [one.id for one in covered(with_freeze())] == [REPAS, PAI]
    assert [one.id for one in covered(with_freeze(activities=["repas"]))] == [REPAS]
    assert due_at(with_freeze(activities=["repas"]), MONDAY, calendar()) == paris(2026, 3, 5, 10)


def test_a_moment_the_clocks_show_twice_is_one_instant() -> None:
    rule = with_freeze(shape="calendar_days_before", days=1, time="02:30")

    due = due_at(rule, date(2026, 10, 26), calendar())

    # Wall clocks of one zone compare without their offset.
    assert due is not None
    assert due.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


TABLE, SPECIAL = Table(activity_id=REPAS, site_id=SITE), Table(activity_id=REPAS, site_id=SITE, diet="sans-porc")


def order(**counts: int) -> MealOrder:
    return MealOrder(
        municipality_id=TOWN,
        programme_id=RESTAURANT,
        date=MONDAY,
        due_at=NOW,
        frozen_at=NOW,
        ordered={TABLE: counts.get("plain", 0), SPECIAL: counts.get("special", 0)},
    )


def test_an_order_is_told_by_activity_site_and_diet() -> None:
    told = order(plain=12, special=2).told()

    assert isinstance(told, MealOrderFrozen)
    assert [(one.site_id, one.diet, one.count) for one in told.counts] == [(SITE, "", 12), (SITE, "sans-porc", 2)]


def test_an_amendment_tells_what_was_and_what_is() -> None:
    first = order(plain=12, special=2).amended({TABLE: 13}, NOW + timedelta(hours=1))
    assert first is not None
    told = first.told()
    second = first.amended({TABLE: 13, SPECIAL: 1}, NOW + timedelta(hours=2))

    assert isinstance(told, MealOrderAmended)
    assert [(one.diet, one.before, one.after) for one in told.changes] == [("", 12, 13), ("sans-porc", 2, 0)]
    assert first.current == {TABLE: 13}
    assert second is not None
    assert (second.version, second.amendments[-1].changes) == (3, {SPECIAL: (0, 1)})


def test_the_same_count_amends_nothing() -> None:
    assert order(plain=12).amended({TABLE: 12}, NOW) is None


def test_the_town_may_name_the_hour_for_its_kitchen() -> None:
    assert with_freeze(time="09:15").headcount_freeze is not None
    assert due_at(with_freeze(time="09:15"), MONDAY, calendar()) == paris(2026, 3, 5, 9, 15)


def test_a_kitchens_hour_for_an_activity_nobody_knows_is_a_fault() -> None:
    asked = catalogue_file()
    asked["programmes"][0]["headcount_freeze"] = {**TWO_DAYS, "activities": ["gouter"]}
    asked["diets"] = [{"id": "halal", "name": "Halal"}, {"id": "sans-porc", "name": "Sans porc"}]

    faults = list(faults_of(CatalogueFile.model_validate(asked)))

    assert [fault.path for fault in faults] == ["diets", "programmes.restaurant.headcount_freeze.activities"]


def test_what_a_town_wrote_of_its_kitchens_is_written_back() -> None:
    asked = catalogue_file()
    asked["programmes"][0]["headcount_freeze"] = TWO_DAYS
    asked["diets"] = [{"id": "sans-porc", "name": "Sans porc"}]
    catalogue = read_catalogue(CatalogueFile.model_validate(asked), TOWN)

    back = written(catalogue)

    assert back.programmes[0].headcount_freeze == catalogue.programmes[RESTAURANT].headcount_freeze
    assert [(diet.id, diet.name) for diet in back.diets] == [("sans-porc", "Sans porc")]

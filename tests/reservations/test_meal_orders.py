"""Kitchens are told once when they must know, and of every change after: on a real database, and over HTTP."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.deadlines import Rule
from services.reservations.usecases.order_meals import order_meals
from shared.auth import Caller, Role
from tests.callers import Issuer
from tests.reservations.asking import Http, refusal
from tests.reservations.marking import mark
from tests.reservations.rig import MONDAY, PAI, REPAS, SITE, TOWN, TUESDAY, Rig, enrolled, programme

TWO_DAYS = {"id": "commande", "shape": "working_days_before", "days": 2, "time": "10:00"}
RESTAURANT = programme("restaurant")
BEFORE, DUE = datetime(2026, 3, 5, 8, 59, tzinfo=UTC), datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 9, 11, 0, tzinfo=UTC)


@pytest.fixture
async def kitchen(rig: Rig) -> Rig:
    """The canteen's kitchen must know two working days before; two children are booked for Monday, one eats no pork."""
    adapter: TypeAdapter[Any] = TypeAdapter(Rule)
    known = await rig.stores.catalogue.versioned(TOWN)
    canteen = replace(known.catalogue.programmes[RESTAURANT], headcount_freeze=adapter.validate_python(TWO_DAYS))
    catalogue = Catalogue(sites=known.catalogue.sites, programmes={**known.catalogue.programmes, RESTAURANT: canteen})
    await rig.stores.catalogue.replace_catalogue(TOWN, known.version, catalogue, [], rig.now)
    special = enrolled()
    enrolments = tuple(replace(one, diet="sans-porc") for one in special.enrolments)
    await rig.stores.roster.save_enrolled(TOWN, {"E2-1": replace(special, version=1, enrolments=enrolments)})
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, MONDAY, family=2)
    return rig


async def order(rig: Rig, at: datetime) -> int:
    rig.now = at
    return await order_meals(rig.stores.kitchen(rig.clock))


def counts(told: Any) -> dict[tuple[str, str], int]:
    return {(one["activity_id"], one["diet"]): one["count"] for one in told["counts"]}


async def test_a_kitchen_is_told_when_it_must_know_and_not_before(kitchen: Rig) -> None:
    assert await order(kitchen, BEFORE) == 2  # That very day and the next are due by then.
    assert "2026-03-09" not in [told["date"] for _, told in await kitchen.told("meal_orders")]

    assert await order(kitchen, DUE) == 1
    assert await order(kitchen, DUE) == 0

    (monday,) = [told for _, told in await kitchen.told("meal_orders") if told["date"] == "2026-03-09"]
    assert counts(monday) == {(REPAS, ""): 1, (REPAS, "sans-porc"): 1}
    assert monday["due_at"] == "2026-03-05T09:00:00Z"


async def test_two_processes_tell_an_order_once(kitchen: Rig) -> None:
    kitchen.now = DUE
    await asyncio.gather(*(order_meals(kitchen.stores.kitchen(kitchen.clock)) for _ in range(4)))

    days = [told["date"] for name, told in await kitchen.told("meal_orders") if name == "meal_order_frozen"]
    assert sorted(days) == sorted(set(days))


async def test_changes_after_the_order_are_told_as_amendments(kitchen: Rig) -> None:
    await order(kitchen, DUE)
    kitchen.now = NOON
    await mark(kitchen, MONDAY, chd_1_1="absent_justified", chd_1_2="present")
    await mark(kitchen, MONDAY, PAI, chd_2_2="present")

    assert await order(kitchen, NOON) >= 1
    again = await order(kitchen, NOON)

    (amended,) = [told for name, told in await kitchen.told("meal_orders") if name == "meal_order_amended"]
    assert (again, amended["number"], amended["date"]) == (0, 1, "2026-03-09")
    assert [(one["activity_id"], one["diet"], one["before"], one["after"]) for one in amended["changes"]] == [
        (PAI, "", 0, 1)
    ]


async def test_an_order_of_a_day_gone_by_is_left_alone(kitchen: Rig) -> None:
    await order(kitchen, DUE)
    kitchen.now = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    await mark(kitchen, MONDAY, chd_1_1="absent_justified")

    await order(kitchen, kitchen.now)

    assert [name for name, _ in await kitchen.told("meal_orders") if name == "meal_order_amended"] == []


async def test_no_name_of_a_child_or_a_class_is_kept_or_told(kitchen: Rig) -> None:
    await order(kitchen, DUE)

    kept = repr([one async for one in kitchen.database["meal_orders"].find({})])
    assert "chd_" not in kept
    assert "hsh_" not in kept
    assert "CE1" not in kept


HEADS = {"municipality_id": TOWN, "date": "2026-03-09"}


async def test_heads_by_activity_site_class_and_diet(http: Http, kitchen: Rig, issuer: Issuer) -> None:
    staff = issuer.agent(TOWN, Role.ATTENDANCE)

    shown = await (await http.get("/api/v1/headcounts", params=HEADS, headers=staff)).json()
    elsewhere = await http.get(
        "/api/v1/headcounts", params={**HEADS, "site_id": f"{TOWN}.ecole-jean-mace"}, headers=staff
    )

    assert [
        (one["activity_id"], one["site_id"], one["group"], one["diet"], one["to_prepare"]) for one in shown["items"]
    ] == [(REPAS, SITE, "CE1", "", 1), (REPAS, SITE, "CE1", "sans-porc", 1)]
    assert shown["diets"] == {"sans-porc": "Sans porc", "sans-viande": "Sans viande"}
    assert (await elsewhere.json())["items"] == []


async def test_a_partner_with_the_scope_counts_without_classes(http: Http, kitchen: Rig, issuer: Issuer) -> None:
    await order(kitchen, DUE)
    partner = issuer.headers(
        Caller(account_id="cli_1", municipality_ids=frozenset({TOWN}), scopes=frozenset({"headcounts.read"}))
    )
    other = issuer.headers(
        Caller(account_id="cli_2", municipality_ids=frozenset({TOWN}), scopes=frozenset({"families.read"}))
    )
    foreign = issuer.headers(
        Caller(account_id="cli_3", municipality_ids=frozenset({"ailleurs"}), scopes=frozenset({"headcounts.read"}))
    )

    shown = await (await http.get("/api/v1/headcounts", params=HEADS, headers=partner)).json()
    orders = await (await http.get("/api/v1/meal-orders", params=HEADS, headers=partner)).json()

    assert {one["group"] for one in shown["items"]} == {""}
    assert [one["date"] for one in orders["items"]] == ["2026-03-09"]
    for headers in (other, foreign):
        for path in ("/api/v1/headcounts", "/api/v1/meal-orders"):
            assert await refusal(await http.get(path, params=HEADS, headers=headers)) == (403, "forbidden")


async def test_orders_are_listed_with_their_amendments(http: Http, kitchen: Rig, issuer: Issuer) -> None:
    await order(kitchen, DUE)
    kitchen.now = NOON
    await mark(kitchen, MONDAY, chd_1_1="absent_justified")
    await order(kitchen, NOON)
    manager = issuer.agent(TOWN, Role.MANAGER)

    asked = {**HEADS, "until": "2026-03-10"}
    shown = await (await http.get("/api/v1/meal-orders", params=asked, headers=manager)).json()

    monday, tuesday = shown["items"]
    assert (monday["date"], tuesday["date"]) == (MONDAY.isoformat(), TUESDAY.isoformat())
    assert [one["count"] for one in monday["ordered"]] == [1, 1]
    assert [(one["diet"], one["before"], one["after"]) for one in monday["amendments"][0]["changes"]] == [("", 1, 0)]
    assert [(one["diet"], one["count"]) for one in monday["current"]] == [("sans-porc", 1)]


async def test_of_one_programme_only_its_heads_are_counted(http: Http, kitchen: Rig, issuer: Issuer) -> None:
    held = {programme("garderie"): frozenset({str(Role.MANAGER)})}
    agent = issuer.headers(Caller(account_id="acc_club", programme_roles=held))

    mine = await (await http.get("/api/v1/headcounts", params=HEADS, headers=agent)).json()
    theirs = await http.get("/api/v1/headcounts", params={**HEADS, "programme_id": RESTAURANT}, headers=agent)

    assert mine["items"] == []
    assert await refusal(theirs) == (404, "not-found")


@pytest.mark.parametrize(
    ("path", "changes", "expected"),
    [
        ("headcounts", {"site_id": f"{TOWN}.nulle-part"}, (404, "not-found")),
        ("headcounts", {"programme_id": f"{TOWN}.rien"}, (404, "not-found")),
        ("headcounts", {"municipality_id": "le-val-dore"}, (403, "forbidden")),
        ("meal-orders", {"until": "2026-03-08"}, (422, "period-backwards")),
        ("meal-orders", {"until": "2026-06-08"}, (409, "beyond-horizon")),
        ("meal-orders", {"programme_id": f"{TOWN}.rien"}, (404, "not-found")),
    ],
)
async def test_what_counting_refuses(
    http: Http, kitchen: Rig, issuer: Issuer, path: str, changes: dict[str, str], expected: tuple[int, str]
) -> None:
    headers = issuer.agent(TOWN, Role.MANAGER)

    assert await refusal(await http.get(f"/api/v1/{path}", params={**HEADS, **changes}, headers=headers)) == expected


async def test_a_town_keeps_its_kitchens_hour_and_its_diets(kitchen: Rig) -> None:
    known = await kitchen.stores.catalogue.versioned(TOWN)
    named = replace(known.catalogue, diets={"sans-poisson": "Sans poisson"})
    await kitchen.stores.catalogue.replace_catalogue(TOWN, known.version, named, [], kitchen.now)

    town = await kitchen.stores.catalogue.town(TOWN)

    assert town.diets == {"sans-poisson": "Sans poisson"}
    assert town.programme(RESTAURANT).headcount_freeze == known.catalogue.programmes[RESTAURANT].headcount_freeze


async def test_a_town_that_fails_keeps_no_other_waiting(kitchen: Rig) -> None:
    towns = kitchen.database["towns"]
    broken = await towns.find_one({"_id": TOWN})
    assert broken is not None
    await towns.insert_one(
        {**broken, "_id": "a-broken-town", "settings": {**broken["settings"], "time_zone": "Nulle/Part"}}
    )

    with pytest.raises(ExceptionGroup):
        await order(kitchen, DUE)

    assert {told["municipality_id"] for _, told in await kitchen.told("meal_orders")} == {TOWN}

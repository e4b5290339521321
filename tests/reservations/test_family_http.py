"""What a family can ask: every route, and at least one refusal of each."""

from typing import Any

import pytest

from shared.auth import Role
from shared.contracts.identity import HouseholdProfiled, ProfiledChild
from tests.callers import Issuer
from tests.reservations.asking import Http, keyed, refusal
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, REPAS, TOWN, Rig, child_of, programme

DAY = {"child_id": "chd_1_1", "activity_id": REPAS, "date": "2026-03-09"}
LINE = {**DAY, "action": "book"}
PERIOD = {
    "child_id": "chd_1_1",
    "programme_id": programme("restaurant"),
    "from": "2026-03-09",
    "until": "2026-03-13",
    "pattern": [{"activity_id": REPAS, "weekdays": [1, 3, 4]}],
}
MONTH = "/api/v1/children/chd_1_1/months/2026-03"


async def test_a_day_is_booked_in_one_tap_and_the_same_key_answers_the_same(http: Http, parent: dict[str, str]) -> None:
    first = await http.post("/api/v1/bookings", json=DAY, headers=keyed(parent))
    again = await http.post("/api/v1/bookings", json=DAY, headers=keyed(parent))

    assert (first.status, again.status) == (201, 201)
    assert await first.json() == {
        **DAY,
        "municipality_id": TOWN,
        "programme_id": programme("restaurant"),
        "outcome": "confirmed",
        "order": None,
        "late": None,
    }
    assert await again.json() == await first.json()


async def test_a_prepaid_day_names_the_order_to_pay(http: Http, parent: dict[str, str]) -> None:
    wednesday = {"child_id": "chd_1_1", "activity_id": JOURNEE, "date": "2026-03-11"}

    answer = await (await http.post("/api/v1/bookings", json=wednesday, headers=keyed(parent))).json()

    assert answer["outcome"] == "held"
    assert answer["order"]["order_id"].startswith("ord_")
    assert answer["order"]["expires_at"].endswith("Z")


async def test_a_booking_is_refused_with_a_reason_in_the_language_of_the_reader(
    http: Http, parent: dict[str, str]
) -> None:
    too_late = {**DAY, "date": "2026-03-03"}

    french = await http.post("/api/v1/bookings", json=too_late, headers=keyed(parent))
    english = await http.post("/api/v1/bookings", json=too_late, headers={**keyed(parent), "Accept-Language": "en"})

    problem = await french.json()
    assert (french.status, problem["type"], problem["rule"]) == (409, "/problems/deadline-passed", "j-2")
    assert problem["limit"] == "2026-02-27T10:00:00+01:00"
    assert "vendredi 27 février 2026 à 10:00" in problem["detail"]
    assert "Friday 27 February 2026 at 10:00" in (await english.json())["detail"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"child_id": "chd_2_1"}, (404, "not-found")),
        ({"child_id": "chd_nobody"}, (404, "not-found")),
        ({"activity_id": f"{TOWN}.rien"}, (404, "not-found")),
        ({"activity_id": "elsewhere.repas"}, (404, "not-found")),
        ({"activity_id": "repas"}, (404, "not-found")),
        ({"price": 0}, (422, "invalid-input")),
        ({"date": "09/03/2026"}, (422, "invalid-input")),
        ({"date": 1772000000}, (422, "invalid-input")),
        ({"date": "2026-02-30"}, (422, "invalid-input")),
        ({"date": None}, (422, "invalid-input")),
        ({"child_id": {"$ne": ""}}, (422, "invalid-input")),
        ({"date": "2026-03-11"}, (409, "not-that-weekday")),
        ({"date": "2027-03-08"}, (409, "not-enrolled")),
    ],
)
async def test_what_a_booking_refuses(
    http: Http, parent: dict[str, str], changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    response = await http.post("/api/v1/bookings", json={**DAY, **changes}, headers=keyed(parent))

    assert await refusal(response) == expected


async def test_a_wrong_field_is_named_in_the_language_of_the_reader(http: Http, parent: dict[str, str]) -> None:
    response = await http.post("/api/v1/bookings", json={**DAY, "date": "09/03/2026"}, headers=keyed(parent))

    (error,) = (await response.json())["errors"]
    assert (error["field"], error["message"]) == (
        "date",
        "Une date de 2000 à 2199 est attendue, par exemple 2026-11-20.",
    )


KEYED = [
    ("/api/v1/bookings", DAY),
    ("/api/v1/cart/validation", {"mode": "all"}),
    ("/api/v1/waiting-list-entries", DAY),
]


@pytest.mark.parametrize(("path", "body"), KEYED)
async def test_calls_that_book_need_a_key(http: Http, parent: dict[str, str], path: str, body: Any) -> None:
    assert await refusal(await http.post(path, json=body, headers=parent)) == (400, "idempotency-key-missing")


async def test_a_key_is_not_used_for_two_bodies(http: Http, parent: dict[str, str]) -> None:
    await http.post("/api/v1/bookings", json=DAY, headers=keyed(parent))

    other = await http.post("/api/v1/bookings", json={**DAY, "date": "2026-03-10"}, headers=keyed(parent))

    assert await refusal(other) == (422, "idempotency-key-reused")


ROUTES_OF_FAMILIES = [
    ("GET", "/api/v1/children", None),
    ("GET", "/api/v1/cart", None),
    ("POST", "/api/v1/cart/lines", LINE),
    ("POST", "/api/v1/cart/periods", PERIOD),
    ("POST", "/api/v1/cart/validation", {"mode": "all"}),
    ("POST", "/api/v1/bookings", DAY),
    ("GET", "/api/v1/bookings?from=2026-03-01&until=2026-03-31", None),
    ("POST", "/api/v1/waiting-list-entries", DAY),
    ("DELETE", "/api/v1/cart", None),
    ("DELETE", "/api/v1/cart/lines/crt_1", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES_OF_FAMILIES)
async def test_what_is_the_familys_is_not_for_agents_nor_for_strangers(
    http: Http, issuer: Issuer, method: str, path: str, body: Any
) -> None:
    agent = keyed(issuer.agent(TOWN, *Role))

    assert (await http.request(method, path, json=body, headers=agent)).status == 403
    assert (await http.request(method, path, json=body, headers=keyed({}))).status == 401


async def test_children_are_shown_with_their_names_and_enrolments(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    named = ProfiledChild(child_id=child_of(1), first_name="Zoé", last_name="Marin", birth_date=MONDAY)
    profile = HouseholdProfiled(
        household_id="hsh_1", name="Marin", municipality_ids=(TOWN,), guardians=(), children=(named,)
    )
    await rig.stores.roster.set_names(profile, 1)

    children = await (await http.get("/api/v1/children", headers=parent)).json()

    first = next(child for child in children if child["child_id"] == child_of(1))
    assert (first["first_name"], first["municipality_id"], len(children)) == ("Zoé", TOWN, 2)
    assert first["enrolments"][0] == {
        "programme_id": programme("restaurant"),
        "programme_name": "Restaurant",
        "billing_mode": "postpaid",
        "site_id": f"{TOWN}.ecole-des-tilleuls",
        "site_name": "École des Tilleuls",
        "group": "CE1",
        "from": "2025-09-01",
        "until": "2026-07-03",
    }


async def test_the_cart_from_first_box_to_validation(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.stores.prices.set("hsh_1", TOWN, {REPAS: 415}, sequence=1)
    added = await http.post("/api/v1/cart/lines", json=LINE, headers=parent)
    cart = await added.json()
    assert (added.status, cart["postpaid_total_cents"], cart["lines"][0]["possible"]) == (201, 415, True)
    assert cart["children"][0]["activities"] == [{"activity_id": REPAS, "name": "REPAS", "book": 1, "cancel": 0}]

    done = await http.post("/api/v1/cart/validation", json={"mode": "possible"}, headers=keyed(parent))
    answer = await done.json()
    assert done.status == 201
    assert [(line["outcome"], line["problem"]) for line in answer["lines"]] == [("confirmed", None)]
    assert answer["orders"] == []
    again = await http.post("/api/v1/cart/validation", json={"mode": "possible"}, headers=keyed(parent))
    assert await again.json() == answer
    assert (await (await http.get("/api/v1/cart", headers=parent)).json())["lines"] == []


async def test_a_validation_names_each_order_with_its_lines(http: Http, parent: dict[str, str]) -> None:
    wednesday = {"child_id": "chd_1_1", "activity_id": JOURNEE, "date": "2026-03-11", "action": "book"}
    cart = await (await http.post("/api/v1/cart/lines", json=wednesday, headers=parent)).json()

    answer = await (await http.post("/api/v1/cart/validation", json={"mode": "all"}, headers=keyed(parent))).json()

    (order,) = answer["orders"]
    assert (order["municipality_id"], order["line_ids"]) == (TOWN, [cart["lines"][0]["line_id"]])
    assert order["expires_at"].endswith("Z")
    assert answer["lines"][0]["outcome"] == "held"


async def test_a_refused_line_says_how_to_wait_for_a_place(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.choose(ATELIER, MONDAY)
    await rig.book(ATELIER, MONDAY, family=2)
    await rig.book(ATELIER, MONDAY, family=2, child=2)

    answer = await (await http.post("/api/v1/cart/validation", json={"mode": "possible"}, headers=keyed(parent))).json()

    problem = answer["lines"][0]["problem"]
    assert (problem["type"], problem["waiting_list"]) == ("/problems/no-place-left", True)
    assert problem["next_href"] == "/api/v1/waiting-list-entries"
    asked = {"child_id": "chd_1_1", "activity_id": ATELIER, "date": "2026-03-09"}
    joined = await http.post(problem["next_href"], json=asked, headers=keyed(parent))
    assert (joined.status, (await joined.json())["rank"]) == (201, 1)


async def test_the_refusals_of_a_stored_validation_read_in_any_language(
    http: Http, rig: Rig, parent: dict[str, str]
) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.book(REPAS, MONDAY)
    await http.post("/api/v1/cart/validation", json={"mode": "possible"}, headers=keyed(parent))

    english = await http.post(
        "/api/v1/cart/validation", json={"mode": "possible"}, headers={**keyed(parent), "Accept-Language": "en"}
    )

    problem = (await english.json())["lines"][0]["problem"]
    assert problem["detail"] == "REPAS is already booked for Monday 9 March 2026."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({**LINE, "action": "toggle"}, (422, "invalid-input")),
        ({**LINE, "child_id": "chd_2_1"}, (404, "not-found")),
        ({**LINE, "action": "cancel"}, (409, "not-booked")),
        ({**LINE, "date": "2026-05-01"}, (409, "public-holiday")),
        ({**LINE, "activity_id": f"{TOWN}.soir-2"}, (409, "required-first")),
    ],
)
async def test_what_the_cart_refuses(
    http: Http, parent: dict[str, str], body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert await refusal(await http.post("/api/v1/cart/lines", json=body, headers=parent)) == expected
    assert (await (await http.get("/api/v1/cart", headers=parent)).json())["lines"] == []


async def test_a_line_is_taken_out_by_its_household_only(
    http: Http, parent: dict[str, str], neighbour: dict[str, str]
) -> None:
    cart = await (await http.post("/api/v1/cart/lines", json=LINE, headers=parent)).json()
    path = f"/api/v1/cart/lines/{cart['lines'][0]['line_id']}"

    assert await refusal(await http.delete(path, headers=neighbour)) == (404, "not-found")
    assert (await http.delete(path, headers=parent)).status == 204
    assert (await http.delete(path, headers=parent)).status == 404


async def test_the_whole_cart_is_emptied(http: Http, parent: dict[str, str]) -> None:
    await http.post("/api/v1/cart/lines", json=LINE, headers=parent)

    assert (await http.delete("/api/v1/cart", headers=parent)).status == 204
    assert (await (await http.get("/api/v1/cart", headers=parent)).json())["children"] == []


async def test_an_empty_cart_is_not_validated(http: Http, parent: dict[str, str]) -> None:
    response = await http.post("/api/v1/cart/validation", json={"mode": "possible"}, headers=keyed(parent))

    assert await refusal(response) == (409, "cart-empty")


async def test_a_period_answers_what_it_added_and_why_not_the_rest(http: Http, parent: dict[str, str]) -> None:
    response = await http.post("/api/v1/cart/periods", json=PERIOD, headers=parent)
    answer = await response.json()

    assert (response.status, answer["added"], answer["clipped"]) == (201, 2, None)
    assert answer["counts"] == [{"activity_id": REPAS, "name": "REPAS", "added": 2}]
    assert [(day["date"], day["problem"]["title"] != "") for day in answer["dropped"]] == [("2026-03-11", True)]
    assert len(answer["cart"]["lines"]) == 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"until": "2026-03-08"}, (422, "period-backwards")),
        ({"pattern": []}, (422, "invalid-input")),
        ({"pattern": [{"activity_id": REPAS, "weekdays": [8]}]}, (422, "invalid-input")),
        ({"pattern": [{"activity_id": JOURNEE, "weekdays": [3]}]}, (404, "not-found")),
        ({"programme_id": "elsewhere.restaurant"}, (404, "not-found")),
        ({"child_id": "chd_2_1"}, (404, "not-found")),
    ],
)
async def test_what_a_period_refuses(
    http: Http, parent: dict[str, str], changes: dict[str, Any], expected: tuple[int, str]
) -> None:
    response = await http.post("/api/v1/cart/periods", json={**PERIOD, **changes}, headers=parent)

    assert await refusal(response) == expected


async def test_a_long_period_says_where_it_was_clipped(http: Http, parent: dict[str, str]) -> None:
    answer = await (
        await http.post("/api/v1/cart/periods", json={**PERIOD, "until": "2030-01-01"}, headers=parent)
    ).json()

    assert (answer["clipped"]["from"], answer["clipped"]["until"]) == ("2026-03-09", "2026-07-05")
    assert answer["clipped"]["problem"]["type"] == "/problems/not-enrolled"


async def test_bookings_are_listed_page_by_page(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(ATELIER, MONDAY, child=2)
    await rig.validate()
    between = {"from": "2026-03-01", "until": "2026-03-31", "limit": "1"}

    first = await (await http.get("/api/v1/bookings", params=between, headers=parent)).json()
    second = await (
        await http.get("/api/v1/bookings", params={**between, "cursor": first["next_cursor"]}, headers=parent)
    ).json()

    assert [one["activity_name"] for one in first["items"] + second["items"]] == ["REPAS", "ATELIER"]
    assert (first["items"][0]["state"], second["next_cursor"]) == ("booked", None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from=2026-03-31&until=2026-03-01", (422, "period-backwards")),
        ("from=2026-03-01&until=2028-03-01", (409, "beyond-horizon")),
        ("from=2026-03-01", (422, "invalid-input")),
        ("from=2026-03-01&until=2026-03-02&limit=0", (422, "invalid-input")),
        ("from=2026-03-01&until=2026-03-02&household_id=hsh_2", (422, "invalid-input")),
    ],
)
async def test_what_the_list_of_bookings_refuses(
    http: Http, parent: dict[str, str], query: str, expected: tuple[int, str]
) -> None:
    assert await refusal(await http.get(f"/api/v1/bookings?{query}", headers=parent)) == expected


async def test_a_month_shows_sheet_cart_places_and_prices(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.stores.prices.set("hsh_1", TOWN, {REPAS: 415}, sequence=1)
    await rig.book(REPAS, MONDAY)
    cart = await (await http.post("/api/v1/cart/lines", json={**LINE, "date": "2026-03-10"}, headers=parent)).json()

    shown = await (await http.get(MONTH, params={"programme_id": programme("restaurant")}, headers=parent)).json()

    assert (shown["previous"], shown["next"], shown["today"], shown["final"]) == (
        "2026-02",
        "2026-04",
        "2026-03-02",
        False,
    )
    meals = shown["activities"][0]
    assert (meals["name"], meals["price_cents"]) == ("REPAS", 415)
    days = {day["date"]: day for day in meals["days"]}
    assert (days["2026-03-09"]["state"], days["2026-03-09"]["can_cancel"]) == ("booked", True)
    assert (days["2026-03-10"]["state"], days["2026-03-10"]["line_id"]) == (
        "in_cart_booking",
        cart["lines"][0]["line_id"],
    )
    assert days["2026-03-11"]["state"] == "closed"
    assert days["2026-03-03"]["refusal"]["rule"] == "j-2"
    assert days["2026-03-12"]["book_until"] == "2026-03-10T10:00:00+01:00"


async def test_a_limited_month_shows_the_places_left(http: Http, rig: Rig, parent: dict[str, str]) -> None:
    await rig.book(ATELIER, MONDAY, family=2)
    await rig.book(ATELIER, MONDAY, family=2, child=2)

    shown = await (await http.get(MONTH, params={"programme_id": programme("ateliers")}, headers=parent)).json()

    days = {day["date"]: day for day in shown["activities"][0]["days"]}
    assert (days["2026-03-09"]["state"], days["2026-03-09"]["places_left"]) == ("full", 0)
    assert (days["2026-03-10"]["state"], days["2026-03-10"]["places_left"]) == ("bookable", 2)
    assert days["2026-03-09"]["can_wait"]


async def test_agents_of_the_town_see_a_month_without_the_cart(
    http: Http, rig: Rig, issuer: Issuer, parent: dict[str, str]
) -> None:
    await http.post("/api/v1/cart/lines", json=LINE, headers=parent)
    query = {"programme_id": programme("restaurant")}

    shown = await (await http.get(MONTH, params=query, headers=issuer.agent(TOWN, Role.ATTENDANCE))).json()
    elsewhere = await http.get(MONTH, params=query, headers=issuer.agent("le-val-dore", Role.MANAGER))

    days = {day["date"]: day for day in shown["activities"][0]["days"]}
    assert (days["2026-03-09"]["state"], days["2026-03-09"]["line_id"]) == ("bookable", None)
    assert await refusal(elsewhere) == (404, "not-found")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/children/chd_2_1/months/2026-03?programme_id=sainte-aurore.restaurant", (404, "not-found")),
        ("/api/v1/children/chd_1_1/months/2026-13?programme_id=sainte-aurore.restaurant", (404, "not-found")),
        ("/api/v1/children/chd_1_1/months/2026-03?programme_id=sainte-aurore.rien", (404, "not-found")),
        ("/api/v1/children/chd_1_1/months/2026-03", (422, "invalid-input")),
    ],
)
async def test_what_a_month_refuses(http: Http, parent: dict[str, str], path: str, expected: tuple[int, str]) -> None:
    assert await refusal(await http.get(path, headers=parent)) == expected


async def test_the_waiting_list_refuses_while_places_are_left(http: Http, parent: dict[str, str]) -> None:
    asked = {"child_id": "chd_1_1", "activity_id": ATELIER, "date": "2026-03-09"}

    response = await http.post("/api/v1/waiting-list-entries", json=asked, headers=keyed(parent))

    assert await refusal(response) == (409, "places-left")

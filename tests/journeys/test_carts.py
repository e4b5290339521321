"""Step 4: a period fills the cart with the days really open; Valider books them, once, and tells everybody."""

import asyncio
from collections import Counter
from decimal import Decimal

import pytest

from tests.journeys.clock import MovableClock
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

RESTAURANT, REPAS, PAI = "sainte-aurore.restaurant", "sainte-aurore.repas", "sainte-aurore.pai"
GARDERIE = "sainte-aurore.garderie"
AFTERNOON, EVENING = "sainte-aurore.jusqu-a-16h30", "sainte-aurore.de-16h30-a-18h30"
CONFIRMED = "reservations.booking_confirmed.v1"
MONDAY, TUESDAY, THURSDAY = "2025-11-24", "2025-11-25", "2025-11-27"


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    return await aurore.welcome("F0002")


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def sanchez(aurore: TownHall) -> Family:
    """Three children."""
    return await aurore.welcome("F0005")


def period(family: Family, since: str, until: str, **weekdays: list[int]) -> dict[str, object]:
    pattern = [{"activity_id": f"sainte-aurore.{name}", "weekdays": days} for name, days in weekdays.items()]
    return {
        "child_id": family.child.id,
        "programme_id": RESTAURANT,
        "from": since,
        "until": until,
        "pattern": pattern,
    }


async def test_a_period_adds_the_open_days_and_says_of_every_other_why_not(nadia: Family) -> None:
    added = await nadia.post("/cart/periods", period(nadia, MONDAY, "2025-12-31", repas=[1, 2, 3, 4]))

    assert added["added"] == 12
    assert added["counts"] == [{"activity_id": REPAS, "name": "REPAS", "added": 12}]
    assert added["clipped"] is None
    reasons = Counter(line["problem"]["type"].removeprefix("/problems/") for line in added["dropped"])
    assert reasons == {"not-that-weekday": 6, "school-holiday": 4, "public-holiday": 1}
    christmas = next(line["problem"] for line in added["dropped"] if line["date"] == "2025-12-25")
    assert "Noël" in christmas["detail"]


async def test_the_cart_counts_per_child_and_prices_by_the_household_s_quotient(nadia: Family) -> None:
    cart = await nadia.get("/cart")

    (child,) = cart["children"]
    assert (child["first_name"], child["activities"]) == (
        "Yanis",
        [{"activity_id": REPAS, "name": "REPAS", "book": 12, "cancel": 0}],
    )
    assert {line["price_cents"] for line in cart["lines"]} == {330}
    assert (cart["postpaid_total_cents"], cart["prepaid_total_cents"]) == (12 * 330, None)
    assert all(line["possible"] for line in cart["lines"])


async def test_the_same_period_again_adds_nothing_and_says_so(nadia: Family) -> None:
    again = await nadia.post("/cart/periods", period(nadia, MONDAY, "2025-11-28", repas=[1, 2, 4]))

    assert again["added"] == 0
    assert {line["problem"]["type"] for line in again["dropped"]} == {"/problems/already-in-cart"}


async def test_validating_books_every_line_and_tells_billing_notifications_and_the_log(
    preau: Preau, nadia: Family
) -> None:
    done = await nadia.validate(key="la-cle-de-nadia-1")

    assert Counter(line["outcome"] for line in done["lines"]) == {"confirmed": 12}
    assert (await nadia.get("/cart"))["lines"] == []
    events = await preau.heard.until(CONFIRMED, 2, household_id=nadia.household_id)
    assert sorted((event["data"]["month"], len(event["data"]["days"])) for event in events) == [
        ("2025-11", 3),
        ("2025-12", 9),
    ]
    await preau.quiet()
    charged = preau.databases["billing"]["sheets"].find({"household_id": nadia.household_id})
    prices = [line["price"]["cents"] async for sheet in charged for line in sheet["lines"]]
    assert [Decimal(str(price)) for price in prices] == [330] * 12
    messages = (await nadia.get("/messages"))["items"]
    assert [message["kind"] for message in messages] == ["booking_confirmed", "booking_confirmed"]
    assert all("Yanis" in message["body"] for message in messages)
    assert {event["municipality"] for event in events} == {"sainte-aurore"}
    assert not any("Yanis" in str(event) for event in events)


async def test_the_same_key_answers_the_same_and_books_nothing_more(preau: Preau, nadia: Family) -> None:
    told = len(preau.heard.of(CONFIRMED, household_id=nadia.household_id))
    await nadia.choose(REPAS, "2026-01-05")

    first = await nadia.validate(key="la-cle-de-nadia-1")
    again = await nadia.validate(key="la-cle-de-nadia-1")

    assert first == again
    assert Counter(line["outcome"] for line in first["lines"]) == {"confirmed": 12}
    assert len((await nadia.get("/cart"))["lines"]) == 1
    await preau.quiet()
    assert len(preau.heard.of(CONFIRMED, household_id=nadia.household_id)) == told
    await nadia.ask("DELETE", "/cart")


async def test_the_same_key_with_another_body_is_refused(nadia: Family) -> None:
    problem = await nadia.refused(422, "POST", "/cart/validation", {"mode": "all"}, key="la-cle-de-nadia-1")

    assert problem["type"] == "/problems/idempotency-key-reused"


async def test_without_a_key_nothing_is_booked(nadia: Family) -> None:
    await nadia.choose(REPAS, "2026-01-05")

    problem = await nadia.refused(400, "POST", "/cart/validation", {"mode": "possible"})

    assert problem["type"] == "/problems/idempotency-key-missing"
    assert len((await nadia.get("/cart"))["lines"]) == 1
    await nadia.ask("DELETE", "/cart")


async def test_an_empty_cart_is_not_validated(nadia: Family) -> None:
    problem = await nadia.refused(409, "POST", "/cart/validation", {"mode": "possible"}, key="new")

    assert problem["type"] == "/problems/cart-empty"


async def test_ten_validations_at_once_with_one_key_book_once(preau: Preau, claire: Family) -> None:
    await claire.choose(REPAS, "2025-12-01", "2025-12-02")
    ask = [claire.ask("POST", "/cart/validation", {"mode": "possible"}, key="double-click") for _ in range(10)]

    answers = await asyncio.gather(*ask)

    assert {answer.status for answer in answers} <= {201, 409, 503}
    done = [answer.json for answer in answers if answer.status == 201]
    assert done
    assert all(answer == done[0] for answer in done)
    await preau.quiet()
    events = preau.heard.of(CONFIRMED, household_id=claire.household_id, month="2025-12")
    booked = [day["date"] for event in events for day in event["data"]["days"]]
    assert sorted(booked) == ["2025-12-01", "2025-12-02"]


async def test_one_tap_books_one_day_and_the_same_key_books_it_once(preau: Preau, claire: Family) -> None:
    asked = {"child_id": claire.child.id, "activity_id": REPAS, "date": "2025-12-04"}

    first = await claire.post("/bookings", asked, key="une-seule-fois")
    again = await claire.post("/bookings", asked, key="une-seule-fois")

    assert first == again
    assert (first["outcome"], first["order"]) == ("confirmed", None)
    other = await claire.refused(422, "POST", "/bookings", {**asked, "date": "2025-12-05"}, key="une-seule-fois")
    assert other["type"] == "/problems/idempotency-key-reused"
    twice = await claire.refused(409, "POST", "/bookings", asked, key="new")
    assert twice["type"] == "/problems/already-booked"
    bookings = (await claire.get("/bookings?from=2025-12-01&until=2025-12-31"))["items"]
    assert [booking["date"] for booking in bookings] == ["2025-12-01", "2025-12-02", "2025-12-04"]


async def test_what_excludes_each_other_is_not_booked_together(claire: Family) -> None:
    await claire.choose(PAI, "2025-12-09")

    problem = await claire.refused(409, "POST", "/cart/lines", claire.line(REPAS, "2025-12-09"))

    assert problem["type"] == "/problems/excluded"
    assert "PAI" in problem["detail"]
    await claire.ask("DELETE", "/cart")


async def test_what_needs_something_else_is_booked_with_it(claire: Family) -> None:
    alone = await claire.refused(409, "POST", "/cart/lines", claire.line(EVENING, "2025-12-09"))
    assert alone["type"] == "/problems/required-first"

    done = await claire.book(AFTERNOON, "2025-12-09")
    await claire.choose(EVENING, "2025-12-09")
    both = await claire.validate()

    assert [line["outcome"] for line in (*done["lines"], *both["lines"])] == ["confirmed", "confirmed"]
    needed = await claire.refused(409, "POST", "/cart/lines", claire.line(AFTERNOON, "2025-12-09", "cancel"))
    assert needed["type"] == "/problems/still-required"


async def test_children_of_one_household_are_booked_together(preau: Preau, sanchez: Family) -> None:
    for child in sanchez.children:
        await sanchez.choose(REPAS, TUESDAY, THURSDAY, child=child)

    cart = await sanchez.get("/cart")
    done = await sanchez.validate()

    assert [(one["first_name"], one["activities"][0]["book"]) for one in cart["children"]] == [
        ("Robin", 2),
        ("Noé", 2),
        ("Ilyès", 2),
    ]
    assert Counter(line["outcome"] for line in done["lines"]) == {"confirmed": 6}
    await preau.heard.until(CONFIRMED, 3, household_id=sanchez.household_id)


async def test_a_choice_taken_back_leaves_the_cart(sanchez: Family) -> None:
    await sanchez.choose(REPAS, "2025-12-11", "2025-12-12")
    cart = await sanchez.choose(REPAS, "2025-12-11", action="cancel")
    assert [line["date"] for line in cart["lines"]] == ["2025-12-12"]

    gone = await sanchez.ask("DELETE", f"/cart/lines/{cart['lines'][0]['line_id']}")

    assert (gone.status, (await sanchez.get("/cart"))["lines"]) == (204, [])
    again = await sanchez.refused(404, "DELETE", f"/cart/lines/{cart['lines'][0]['line_id']}")
    assert again["type"] == "/problems/not-found"


async def test_a_far_end_is_clipped_to_four_hundred_days(sanchez: Family) -> None:
    added = await sanchez.post("/cart/periods", period(sanchez, MONDAY, "2028-06-30", repas=[1]))

    clipped = added["clipped"]
    assert (clipped["from"], clipped["until"]) == (MONDAY, "2026-12-28")
    assert clipped["problem"]["type"] == "/problems/beyond-horizon"
    assert max(line["date"] for line in added["cart"]["lines"]) <= "2026-12-28"
    await sanchez.ask("DELETE", "/cart")


async def test_carts_of_two_households_never_meet(claire: Family, sanchez: Family) -> None:
    await claire.choose(REPAS, "2025-12-15")
    line = (await claire.get("/cart"))["lines"][0]["line_id"]

    assert (await sanchez.get("/cart"))["lines"] == []
    foreign = await sanchez.refused(404, "DELETE", f"/cart/lines/{line}")
    missing = await sanchez.refused(404, "DELETE", "/cart/lines/crt_missing")
    stolen = await sanchez.refused(
        404, "POST", "/cart/lines", {**claire.line(REPAS, "2025-12-16"), "child_id": claire.child.id}
    )

    assert foreign["type"] == missing["type"] == stolen["type"] == "/problems/not-found"
    assert len((await claire.get("/cart"))["lines"]) == 1
    await claire.ask("DELETE", "/cart")


async def test_all_or_nothing_does_nothing_when_one_line_falls_out(
    preau: Preau, sanchez: Family, clock: MovableClock
) -> None:
    told = len(preau.heard.of(CONFIRMED, household_id=sanchez.household_id))
    await sanchez.choose(REPAS, MONDAY, "2025-12-01")
    clock.move_to("2025-11-20", "10:01")

    done = await sanchez.validate("all")

    assert [(line["outcome"], line["problem"]["type"]) for line in done["lines"]] == [
        ("refused", "/problems/deadline-passed"),
        ("refused", "/problems/all-or-nothing"),
    ]
    assert len((await sanchez.get("/cart"))["lines"]) == 2
    await preau.quiet()
    assert len(preau.heard.of(CONFIRMED, household_id=sanchez.household_id)) == told
    possible = await sanchez.validate("possible")
    assert [line["outcome"] for line in possible["lines"]] == ["refused", "confirmed"]


async def test_a_line_whose_deadline_passed_in_the_cart_is_refused_with_rule_and_limit(
    preau: Preau, claire: Family, clock: MovableClock
) -> None:
    await claire.choose(REPAS, TUESDAY)
    clock.move_to("2025-11-21", "10:01")

    shown = await claire.get("/cart")
    done = await claire.validate()

    (line,) = done["lines"]
    problem = line["problem"]
    assert shown["lines"][0]["possible"] is False
    assert (line["outcome"], problem["type"]) == ("refused", "/problems/deadline-passed")
    assert (problem["rule"], problem["rule_version"], problem["limit"]) == (
        "reserver-j-2",
        1,
        "2025-11-21T10:00:00+01:00",
    )
    assert problem["next"]
    assert (await claire.cell(RESTAURANT, REPAS, TUESDAY))["state"] == "past_deadline"

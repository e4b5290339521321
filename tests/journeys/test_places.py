"""Step 8: one place and two families; a hold that lapses frees it; who pays too late gets the place or the money."""

import asyncio
from typing import Any

import pytest

from services.billing.http.parts import NUDGE_PAYMENTS
from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau

WORKSHOPS, POTTERY = "sainte-aurore.ateliers", "sainte-aurore.atelier-poterie"
HELD, RELEASED, LOST = (f"reservations.places_{what}.v1" for what in ("held", "released", "lost"))
CONFIRMED, PAID, REFUND = "reservations.booking_confirmed.v1", "billing.order_paid.v1", "billing.refund_due.v1"
# Wednesdays of term, one for each test.
RACE = ("2026-01-07", "2026-01-14", "2026-01-21", "2026-01-28", "2026-02-04", "2026-02-11")
BOOKED, LAPSED, LATE_FREE, LATE_LOST, TAP, WAITED, OWN = (
    "2025-11-26",
    "2025-12-03",
    "2025-12-10",
    "2025-12-17",
    "2026-03-04",
    "2026-03-11",
    "2026-03-18",
)


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """7.50 € the workshop."""
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    """6.00 € the workshop."""
    return await aurore.welcome("F0002")


async def held(family: Family, day: str) -> Any:
    """The order of one day that was chosen and validated, alone: days not paid in time lie in the cart again."""
    await family.ask("DELETE", "/cart")
    done = await family.book(POTTERY, day)
    assert [line["outcome"] for line in done["lines"]] == ["held"], done
    return done["orders"][0]


async def known_order(family: Family, order_id: str) -> Any:
    """The order in billing, which hears of it a moment later and says so until then."""

    async def look() -> Any:
        answer = await family.ask("GET", f"/orders/{order_id}")
        assert answer.status == 200 or (answer.status == 404 and answer.headers["Retry-After"] == "1")
        return answer.json if answer.status == 200 else None

    return await eventually("the order in billing", look)


async def to_payment(family: Family, order: Any) -> Any:
    await known_order(family, order["order_id"])
    return await family.post("/payments", {"order_id": order["order_id"]}, key="new")


async def paid(preau: Preau, family: Family, payment: Any) -> Any:
    async def look() -> Any:
        preau.apps["billing"][NUDGE_PAYMENTS]()
        found = await family.get(f"/payments/{payment['payment_id']}")
        return found if found["state"] == "paid" else None

    return await eventually("the payment", look)


async def cell(family: Family, day: str) -> Any:
    return await family.cell(WORKSHOPS, POTTERY, day)


async def test_of_two_families_at_once_one_holds_the_place_and_one_is_told_how_to_wait(
    preau: Preau, claire: Family, nadia: Family
) -> None:
    families = (claire, nadia)
    for day in RACE:
        assert (await cell(claire, day))["places_left"] == 1
        await asyncio.gather(*(family.choose(POTTERY, day) for family in families))

        answers = await asyncio.gather(*(family.validate() for family in families))

        outcomes = [answer["lines"][0]["outcome"] for answer in answers]
        assert sorted(outcomes) == ["held", "refused"]
        loser = outcomes.index("refused")
        problem = answers[loser]["lines"][0]["problem"]
        assert problem["type"] == "/problems/no-place-left"
        assert (problem["waiting_list"], problem["next_href"]) == (True, "/api/v1/waiting-list-entries")
        shown, own = await cell(families[loser], day), await cell(families[1 - loser], day)
        assert (shown["state"], shown["can_book"], shown["can_wait"]) == ("full", False, True)
        assert (own["state"], own["can_book"]) == ("held", False)
    await preau.quiet()
    assert len({event["subject"] for event in preau.heard.of(HELD)}) == len(RACE)


async def test_a_paid_order_books_the_place_for_good(preau: Preau, claire: Family) -> None:
    order = await held(claire, BOOKED)
    shown = await known_order(claire, order["order_id"])
    assert (shown["state"], shown["amount_cents"], shown["payable"]) == ("held", 750, True)
    payment = await to_payment(claire, order)
    assert payment["amount_cents"] == 750

    await preau.bank(payment, "paid")

    (event,) = await preau.heard.until(CONFIRMED, order_id=order["order_id"])
    assert [(day["activity_id"], day["date"]) for day in event["data"]["days"]] == [(POTTERY, BOOKED)]
    assert (await cell(claire, BOOKED))["state"] == "booked"
    assert (await claire.get(f"/orders/{order['order_id']}"))["state"] == "paid"
    again = await claire.refused(409, "POST", "/payments", {"order_id": order["order_id"]}, key="new")
    assert again["type"] == "/problems/order-already-paid"
    await preau.quiet()
    assert len(preau.heard.of(PAID, order_id=order["order_id"])) == 1


async def test_an_unpaid_hold_lapses_and_the_place_is_free_again(preau: Preau, claire: Family, nadia: Family) -> None:
    order = await held(claire, LAPSED)
    await known_order(claire, order["order_id"])
    assert (await cell(nadia, LAPSED))["state"] == "full"

    await preau.lapse(order["order_id"])

    (event,) = await preau.heard.until(RELEASED, order_id=order["order_id"])
    assert event["data"]["reason"] == "expired"
    assert ((await cell(nadia, LAPSED))["state"], (await cell(nadia, LAPSED))["places_left"]) == ("bookable", 1)
    await preau.quiet()
    problem = await claire.refused(409, "POST", "/payments", {"order_id": order["order_id"]}, key="new")
    assert problem["type"] == "/problems/order-ended"
    assert (await claire.get("/messages"))["items"][0]["kind"] == "places_released"
    assert len(preau.heard.of(RELEASED, order_id=order["order_id"])) == 1
    await held(nadia, LAPSED)


async def test_who_pays_after_the_hold_gets_the_place_while_it_is_still_free(preau: Preau, nadia: Family) -> None:
    order = await held(nadia, LATE_FREE)
    payment = await to_payment(nadia, order)
    await preau.lapse(order["order_id"])
    await preau.heard.until(RELEASED, order_id=order["order_id"])
    assert (await cell(nadia, LATE_FREE))["state"] == "in_cart_booking"

    await preau.bank(payment, "paid")

    await preau.heard.until(CONFIRMED, order_id=order["order_id"])
    assert (await cell(nadia, LATE_FREE))["state"] == "booked"
    await preau.quiet()
    assert (await nadia.get("/cart"))["lines"] == []
    assert not preau.heard.of(REFUND, order_id=order["order_id"])
    assert (await nadia.get(f"/orders/{order['order_id']}"))["state"] == "paid"


async def test_who_pays_after_someone_else_has_the_place_is_due_a_refund(
    preau: Preau, claire: Family, nadia: Family
) -> None:
    order = await held(claire, LATE_LOST)
    payment = await to_payment(claire, order)
    await preau.lapse(order["order_id"])
    await preau.heard.until(RELEASED, order_id=order["order_id"])
    assert [line["date"] for line in (await claire.get("/cart"))["lines"]] == [LATE_LOST]
    other = await held(nadia, LATE_LOST)

    await preau.bank(payment, "paid", notify="twice")

    await preau.heard.until(LOST, order_id=order["order_id"])
    (refund,) = await preau.heard.until(REFUND, order_id=order["order_id"])
    assert (refund["data"]["amount_cents"], refund["data"]["payment_id"]) == (750, payment["payment_id"])
    assert (await paid(preau, claire, payment))["refund_due_cents"] == 750
    assert (await claire.get(f"/orders/{order['order_id']}"))["state"] == "lost"
    assert ((await cell(claire, LATE_LOST))["state"], (await cell(nadia, LATE_LOST))["state"]) == ("full", "held")
    await preau.quiet()
    assert not preau.heard.of(CONFIRMED, order_id=order["order_id"])
    assert "places_lost" in [message["kind"] for message in (await claire.get("/messages"))["items"]]
    await preau.bank(await to_payment(nadia, other), "paid")
    await preau.heard.until(CONFIRMED, order_id=other["order_id"])


async def test_one_tap_holds_a_prepaid_day_and_the_same_key_holds_it_once(preau: Preau, claire: Family) -> None:
    asked = {"child_id": claire.child.id, "activity_id": POTTERY, "date": TAP}

    answers = await asyncio.gather(*(claire.ask("POST", "/bookings", asked, key="touche-unique") for _ in range(4)))
    first = await claire.post("/bookings", asked, key="touche-unique")

    assert {answer.status for answer in answers} <= {201, 409, 503}
    assert all(answer.json == first for answer in answers if answer.status == 201)
    assert (first["outcome"], bool(first["order"]["order_id"])) == ("held", True)
    await preau.quiet()
    held_days = [line["date"] for event in preau.heard.of(HELD) for line in event["data"]["lines"]]
    assert held_days.count(TAP) == 1


async def test_who_waits_is_ranked_and_cannot_wait_for_what_is_free(
    preau: Preau, claire: Family, nadia: Family
) -> None:
    wish = {"child_id": nadia.child.id, "activity_id": POTTERY, "date": WAITED}
    free = await nadia.refused(409, "POST", "/waiting-list-entries", wish, key="new")
    assert free["type"] == "/problems/places-left"
    await held(claire, WAITED)

    entry = await nadia.post("/waiting-list-entries", wish, key="attendre-ici")
    again = await nadia.post("/waiting-list-entries", wish, key="attendre-ici")
    twice = await nadia.refused(409, "POST", "/waiting-list-entries", wish, key="new")

    assert (entry["rank"], entry) == (1, again)
    assert twice["type"] == "/problems/already-waiting"
    shown = await cell(nadia, WAITED)
    assert (shown["state"], shown["rank"]) == ("waiting", 1)
    await preau.heard.until("reservations.waiting_list_joined.v1", child_id=nadia.child.id)


async def test_nobody_sees_or_pays_the_order_of_another_household(claire: Family, nadia: Family) -> None:
    order_id = (await held(claire, OWN))["order_id"]
    await known_order(claire, order_id)

    seen = await nadia.refused(404, "GET", f"/orders/{order_id}")
    missing = await nadia.refused(404, "GET", "/orders/ord_missing")
    paying = await nadia.refused(404, "POST", "/payments", {"order_id": order_id}, key="new")
    no_order = await nadia.refused(404, "POST", "/payments", {"order_id": "ord_missing"}, key="new")

    assert {**seen, "instance": ""} == {**missing, "instance": ""}
    assert paying == no_order

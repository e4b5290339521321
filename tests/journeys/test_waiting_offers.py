"""A place that comes back goes down the waiting list: by a mail, a no, another mail, a yes and a payment."""

import re
from typing import Any

import pytest

from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.test_places import POTTERY, held, known_order, paid, to_payment
from tests.journeys.town import Preau

DAY = "2026-01-14"
OFFERED, CONFIRMED = "reservations.waiting_place_offered.v1", "reservations.booking_confirmed.v1"
SUBJECT = "une place pour"
LINK = re.compile(r"/attente/([\w-]+)")


@pytest.fixture(scope="module")
async def claire(aurore: TownHall) -> Family:
    """Of two children."""
    return await aurore.welcome("F0001")


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    return await aurore.welcome("F0002")


async def token(preau: Preau, family: Family) -> str:
    found = LINK.search((await preau.mails(family.email, SUBJECT))[0]["text"])
    assert found
    return found[1]


async def entry(family: Family) -> Any:
    (found,) = (await family.get("/waiting-list-entries"))["items"]
    return found


async def test_a_place_given_back_is_offered_declined_offered_again_accepted_and_paid(
    preau: Preau, claire: Family, nadia: Family
) -> None:
    order = await held(claire, DAY)
    brother = claire.children[1]
    wishes = [{"child_id": child, "activity_id": POTTERY, "date": DAY} for child in (nadia.child.id, brother.id)]
    await nadia.post("/waiting-list-entries", wishes[0], key="new")
    await claire.post("/waiting-list-entries", wishes[1], key="new")
    assert [(await entry(family))["rank"] for family in (nadia, claire)] == [1, 2]

    await claire.ask("DELETE", f"/cart/orders/{order['order_id']}")
    await preau.heard.until(OFFERED, child_id=nadia.child.id)
    overtaking = await claire.refused(409, "POST", "/bookings", wishes[1], key="new")
    assert overtaking["waiting_list"] is True

    link = f"/waiting-list-offers/by-token/{await token(preau, nadia)}"
    shown = await preau.anyone.get(link)
    assert (shown["state"], shown["stands"], shown["prepaid"], shown["date"]) == ("offered", True, True, DAY)
    assert (await preau.anyone.ask("POST", f"{link}/refusal")).status == 204
    await preau.heard.until(OFFERED, child_id=brother.id)
    assert (await entry(nadia))["state"] == "declined"
    assert (await nadia.refused(409, "POST", "/bookings", wishes[0], key="new"))["waiting_list"] is True

    link = f"/waiting-list-offers/by-token/{await token(preau, claire)}"
    booked = (await preau.anyone.ask("POST", f"{link}/acceptance")).json
    again = (await preau.anyone.ask("POST", f"{link}/acceptance")).json
    assert (booked["outcome"], booked) == ("held", again)
    await known_order(claire, booked["order"]["order_id"])
    payment = await to_payment(claire, booked["order"])
    await preau.bank(payment, "paid")
    await paid(preau, claire, payment)

    await preau.heard.until(CONFIRMED, child_id=brother.id)
    assert (await entry(claire))["state"] == "accepted"


async def test_the_town_hall_reads_who_was_asked_when_and_what_they_said(aurore: TownHall) -> None:
    query = f"municipality_id={aurore.id}&activity_id={POTTERY}&date={DAY}"

    listed = (await aurore.manager.get(f"/waiting-lists?{query}"))["items"]

    assert [[step["step"] for step in one["trail"]] for one in listed] == [
        ["joined", "offered", "declined"],
        ["joined", "offered", "accepted"],
    ]
    assert all(one["first_name"] for one in listed)

"""The page of a waiting list's letter: it shows the place, takes it or leaves it by one button; no log-in needed."""

from typing import Any

import pytest

from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import FakeGateway, portal_before

TOKEN = "pQ2m8Zr5vT1xW9cK4bN7hJ0sLdF3gYaEuRiOqXyHkMw"
PAGE, LINK = f"/attente/{TOKEN}", f"/waiting-list-offers/by-token/{TOKEN}"
OURS = {"Sec-Fetch-Site": "same-origin"}
OFFER: dict[str, Any] = {
    "offer_id": "wof_1",
    "state": "offered",
    "stands": True,
    "expires_at": "2026-11-21T11:00:00+00:00",
    "child_first_name": "Zoé",
    "municipality_id": "sainte-aurore",
    "municipality_name": "Sainte-Aurore",
    "time_zone": "Europe/Paris",
    "programme_name": "Centre de loisirs",
    "activity_id": "sainte-aurore.matin",
    "activity_name": "MATIN",
    "date": "2026-11-25",
    "prepaid": False,
}
BOOKED = {"outcome": "confirmed", "order": None}
TO_PAY = {"outcome": "held", "order": {"order_id": "ord_1", "expires_at": "2026-11-20T11:20:00+00:00"}}
OVER = {
    "type": "/problems/offer-over",
    "title": "Trop tard",
    "status": 409,
    "detail": "La place était proposée jusqu’au samedi 21 novembre 2026 à 12:00.",
    "next": "Choisissez un autre jour.",
}


async def test_opening_the_link_shows_the_place_and_takes_nothing(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", LINK, OFFER)
    async with portal_before(gateway, database, MovableClock()) as client:
        answer = await client.get(PAGE)
        text = await answer.text()

    assert answer.status == 200
    for said in ("Zoé – MATIN", "12:00", "Prendre la place", "La laisser à l’enfant suivant"):
        assert said in text
    assert [(one.method, one.path) for one in gateway.asked] == [("GET", LINK)]


@pytest.mark.parametrize(
    ("booking", "said"), [(BOOKED, "La journée est réservée."), (TO_PAY, "La place vous est gardée jusqu’au")]
)
async def test_the_button_takes_the_place(database: Database, booking: dict[str, Any], said: str) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", LINK, OFFER)
    gateway.lay("POST", f"{LINK}/acceptance", booking)
    async with portal_before(gateway, database, MovableClock()) as client:
        text = await (await client.post(PAGE, headers=OURS)).text()

    assert said in text
    assert "Prendre la place" not in text


async def test_the_other_button_leaves_it(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("POST", f"{LINK}/refusal", None, status=204)
    async with portal_before(gateway, database, MovableClock()) as client:
        text = await (await client.post(f"{PAGE}/refus", headers=OURS)).text()

    assert "Vous avez laissé la place" in text
    assert [(one.method, one.path) for one in gateway.asked] == [("POST", f"{LINK}/refusal")]


async def test_too_late_says_until_when_it_was_offered(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", LINK, OFFER)
    gateway.lay("POST", f"{LINK}/acceptance", OVER, status=409)
    async with portal_before(gateway, database, MovableClock()) as client:
        answer = await client.post(PAGE, headers=OURS)
        text = await answer.text()

    assert answer.status == 409
    assert "La place était proposée jusqu’au" in text
    assert "Choisissez un autre jour." in text


@pytest.mark.parametrize(
    ("state", "said"),
    [("accepted", "déjà pris cette place"), ("declined", "laissé la place"), ("expired", "délai pour prendre")],
)
async def test_a_link_used_before_says_what_became_of_it(database: Database, state: str, said: str) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", LINK, {**OFFER, "state": state, "stands": False})
    async with portal_before(gateway, database, MovableClock()) as client:
        text = await (await client.get(PAGE)).text()

    assert said in text
    assert "Prendre la place" not in text


async def test_another_site_cannot_press_the_button(database: Database) -> None:
    gateway = FakeGateway()
    async with portal_before(gateway, database, MovableClock()) as client:
        answer = await client.post(PAGE, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 403
    assert not gateway.asked

"""The month page before a gateway that says what only rarely happens."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.portal.api import SESSIONS
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT, Client, FakeGateway, portal_before
from tests.portal.test_towns import TOWN
from tests.portal.visiting import plain

ENROLMENT = {
    "programme_id": "x.repas",
    "programme_name": "Restaurant",
    "billing_mode": "postpaid",
    "site_name": "École des Tilleuls",
    "group": "CP",
}
CHILD: dict[str, Any] = {
    "child_id": "chd_1",
    "municipality_id": "sainte-aurore",
    "first_name": "Zoé",
    "last_name": "Martin",
    "birth_date": None,
    "enrolments": [ENROLMENT],
}
CART: dict[str, Any] = {
    "lines": [],
    "orders": [],
    "children": [],
    "postpaid_total_cents": None,
    "prepaid_total_cents": None,
    "unpriced_lines": 0,
}
VIEW: dict[str, Any] = {
    "child_id": "chd_1",
    "municipality_id": "sainte-aurore",
    "programme_id": "x.repas",
    "programme_name": "Restaurant",
    "billing_mode": "postpaid",
    "month": "2025-11",
    "previous": "2025-10",
    "next": "2025-12",
    "today": "2025-11-20",
    "final": False,
    "activities": [],
}
NOVEMBER = "/children/chd_1/months/2025-11"
PAGE = "/reservations/chd_1/x.repas/2025-11"


@pytest.fixture
def gateway() -> FakeGateway:
    fake = FakeGateway()
    fake.lay("GET", "/municipalities", [{**TOWN, "opening_view": "agenda"}])
    fake.lay("GET", "/cart", CART)
    return fake


@pytest.fixture
async def client(gateway: FakeGateway, database: Database) -> AsyncIterator[Client]:
    async with portal_before(gateway, database, MovableClock()) as opened:
        secret = await opened.app[SESSIONS].open(GRANTED, PARENT)
        opened.session.cookie_jar.update_cookies({"preau": secret}, opened.make_url("/"))
        yield opened


async def test_today_is_todays_month_where_the_town_is(client: Client, gateway: FakeGateway) -> None:
    """On the island it may already be December."""
    gateway.lay("GET", NOVEMBER, {**VIEW, "today": "2025-12-01"})

    answer = await client.get("/reservations/chd_1/x.repas", allow_redirects=False)

    assert answer.headers["Location"] == "/reservations/chd_1/x.repas/2025-12"


async def test_the_months_of_an_enrolment_that_ended_are_still_there_to_read(
    client: Client, gateway: FakeGateway
) -> None:
    gateway.lay("GET", NOVEMBER, VIEW)
    gateway.lay("GET", "/children", [{**CHILD, "enrolments": []}])

    answer = await client.get(PAGE)

    assert answer.status == 200
    assert "Zoé Martin · Restaurant" in plain(await answer.text())


async def test_a_child_of_somebody_else_is_a_page_that_is_not_there(client: Client, gateway: FakeGateway) -> None:
    gateway.lay("GET", NOVEMBER, {"type": "/problems/not-found", "title": "Introuvable", "detail": "Rien."}, 404)

    answer = await client.get(PAGE)

    assert answer.status == 404
    assert "Introuvable" in await answer.text()


async def test_a_closed_month_offers_no_period(client: Client, gateway: FakeGateway) -> None:
    gateway.lay("GET", NOVEMBER, {**VIEW, "final": True})
    gateway.lay("GET", "/children", [CHILD])

    text = plain(await (await client.get(PAGE)).text())

    assert "Ce mois est clos" in text
    assert "Réserver sur une période" not in text


async def test_a_month_that_is_over_proposes_a_period_from_today(client: Client, gateway: FakeGateway) -> None:
    gateway.lay("GET", NOVEMBER, {**VIEW, "today": "2025-12-10"})
    gateway.lay("GET", "/children", [CHILD])

    text = await (await client.get(PAGE)).text()

    assert text.count('value="2025-12-10"') == 2


async def test_a_child_two_towns_know_is_shown_with_its_town(client: Client, gateway: FakeGateway) -> None:
    gateway.answers["GET", "/municipalities"] = [(200, [TOWN, {**TOWN, **ISLAND}], {})]
    gateway.lay("GET", "/children", [CHILD, {**CHILD, "municipality_id": "le-val-dore"}])

    text = await (await client.get("/reservations")).text()

    assert text.count('class="tag"') == 2
    assert "Le Val-Doré" in text


ISLAND = {"municipality_id": "le-val-dore", "name": "Le Val-Doré"}


async def test_a_period_page_that_is_reloaded_after_signing_in_is_the_month(client: Client) -> None:
    answer = await client.get(f"{PAGE}/periode", allow_redirects=False)

    assert answer.headers["Location"] == PAGE


async def test_places_kept_until_paid_are_in_the_cart_with_their_minutes(client: Client, gateway: FakeGateway) -> None:
    line = {"activity_name": "MATIN", "date": "2025-11-26", "activity_id": "x.matin", "child_id": "chd_1"}
    kept = {"order_id": "ord_1", "lines": [line], "amount_cents": 850, "minutes_left": 17}
    gateway.answers["GET", "/cart"] = [(200, {**CART, "orders": [kept]}, {})]
    gateway.lay("GET", NOVEMBER, VIEW)
    gateway.lay("GET", "/children", [CHILD])

    text = plain(await (await client.get(PAGE)).text())

    for said in ("Gardé pour vous, à payer", "MATIN", "Minutes restantes pour payer", "17", "8,50"):
        assert said in text

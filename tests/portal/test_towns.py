"""Towns are asked for once a minute, and at once when a page needs one that is new."""

from typing import Any

from services.portal.api import SESSIONS
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT, FakeGateway, portal_before

TOWN: dict[str, Any] = {
    "municipality_id": "sainte-aurore",
    "name": "Sainte-Aurore",
    "time_zone": "Europe/Paris",
    "services": ["Restaurant scolaire"],
    "contact": {"email": "enfance@sainte-aurore.example", "phone": "02 61 91 20 00", "address": "1 place de la Mairie"},
}
NEWS = {
    "municipality_id": "sainte-aurore",
    "municipality_name": "Sainte-Aurore",
    "title": "Ouverture",
    "category": "Information",
    "body_html": "<p>Bonjour</p>",
    "published_at": "2025-11-20T09:00:00Z",
}


async def test_the_first_page_asks_for_towns_once_a_minute(database: Database) -> None:
    gateway, clock = FakeGateway(), MovableClock()
    gateway.lay("GET", "/municipalities", [TOWN])
    async with portal_before(gateway, database, clock) as client:
        for _ in range(3):
            assert "1 place de la Mairie" in await (await client.get("/")).text()
        once = gateway.times("GET", "/municipalities")
        clock.pass_time(seconds=61)
        await client.get("/")

    assert (once, gateway.times("GET", "/municipalities")) == (1, 2)


async def test_a_town_opened_a_moment_ago_is_known_where_it_is_needed(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", "/municipalities", [])
    gateway.lay("GET", "/municipalities", [TOWN])
    gateway.lay("GET", "/news", {"items": [NEWS], "next_cursor": None})
    async with portal_before(gateway, database, MovableClock()) as client:
        await client.get("/")
        secret = await client.app[SESSIONS].open(GRANTED, PARENT)
        client.session.cookie_jar.update_cookies({"preau": secret}, client.make_url("/"))
        text = await (await client.get("/actualites")).text()

    assert "jeudi 20 novembre 2025" in text

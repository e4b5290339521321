"""The page of the API and its documents come from this gateway alone."""

import re

from tests.gateway.conftest import Door


async def test_the_page_of_the_api_asks_no_other_host(door: Door) -> None:
    answer = await door.client.get("/docs")
    text = await answer.text()

    assert answer.status == 200
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)
    for asset in re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", text):
        assert (await door.client.get(asset)).status == 200, asset


async def test_the_schema_of_each_event_is_served_where_its_envelope_says(door: Door) -> None:
    found = await door.client.get("/api/v1/schemas/reservations.booking_confirmed.v1.json")
    unknown = await door.client.get("/api/v1/schemas/reservations.nothing.v1.json")

    assert (await found.json())["title"] == "BookingConfirmed"
    assert unknown.status == 404


async def test_the_events_are_described_as_asyncapi(door: Door) -> None:
    document = await (await door.client.get("/api/v1/asyncapi.json")).json()

    assert document["asyncapi"] == "3.0.0"

"""A kitchen and an accountant hear of the town: each what its work needs, by asking, and nobody else's business."""

import json
from typing import Any

import pytest

from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau
from tests.security.world import Partner

BOOKED = "reservations.booking_confirmed.v1"
CANTEEN = "sainte-aurore.restaurant"


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    return await aurore.welcome("F0002")


async def let_in(aurore: TownHall, name: str, profile: str) -> Partner:
    """With an account and a subscription."""
    manager, preau = aurore.manager, aurore.preau
    asked = {"name": name, "scopes": ["events.read"]}
    made = await manager.post(f"/partner-accounts?municipality_id={aurore.id}", asked)
    await preau.quiet()
    body = {"client_id": made["client_id"], "name": name, "profile": profile}
    await manager.post(f"/partner-subscriptions?municipality_id={aurore.id}", body)
    return Partner(door=preau.gateway, clock=preau.clock, email=made["client_id"], password=made["secret"])


@pytest.fixture(scope="module")
async def kitchen(aurore: TownHall) -> Partner:
    return await let_in(aurore, "Cuisine centrale", "kitchen")


@pytest.fixture(scope="module")
async def software(aurore: TownHall) -> Partner:
    return await let_in(aurore, "Logiciel de la mairie", "town_software")


async def events(partner: Partner, town: str = "sainte-aurore", **query: str) -> list[Any]:
    """All there are."""
    asked = "".join(f"&{name}={value}" for name, value in query.items())
    answer = await partner.ask("GET", f"/partner-events?municipality_id={town}&limit=500{asked}")
    assert answer.status == 200, answer.content
    found: list[Any] = json.loads(answer.content)
    return found


async def test_the_past_is_there_from_the_first_event_on(kitchen: Partner) -> None:
    async def published() -> list[Any]:
        return [one for one in await events(kitchen) if one["type"] == "reservations.programme_published.v1"]

    programmes = await eventually("the programmes", published)

    assert CANTEEN in {one["data"]["programme_id"] for one in programmes}
    assert all("regulation_version" not in one["data"] for one in programmes)


async def test_a_booking_reaches_the_towns_software_by_id_and_the_kitchen_not_at_all(
    preau: Preau, nadia: Family, kitchen: Partner, software: Partner
) -> None:
    await nadia.post(
        "/cart/lines",
        {"child_id": nadia.child.id, "activity_id": "sainte-aurore.repas", "date": "2025-12-04", "action": "book"},
    )
    await nadia.post("/cart/validation", {"mode": "possible"}, key="new")

    async def booked() -> list[Any]:
        return await events(software, types=BOOKED)

    (booking,) = await eventually("the booking", booked)
    assert booking["data"]["child_id"] == nadia.child.id
    assert [day["date"] for day in booking["data"]["days"]] == ["2025-12-04"]
    heard = json.dumps(await events(kitchen))
    assert nadia.child.id not in heard
    assert nadia.household_id not in heard


async def test_nobody_is_named(nadia: Family, software: Partner) -> None:
    heard = json.dumps(await events(software), ensure_ascii=False)

    assert nadia.household_id in heard
    assert not [name for name in (nadia.child.first_name, nadia.email) if name in heard]


async def test_the_other_town_is_none_of_its_business(dore: TownHall, kitchen: Partner) -> None:
    problem = await kitchen.refused(403, "GET", f"/partner-events?municipality_id={dore.id}")

    assert problem["type"] == "/problems/forbidden"


async def test_an_account_that_ends_reads_no_more(preau: Preau, aurore: TownHall, kitchen: Partner) -> None:
    await aurore.manager.ask("DELETE", f"/partner-accounts/{kitchen.email}")
    await preau.quiet()

    # The token in hand is good for ten minutes, its subscription is not.
    problem = await kitchen.refused(403, "GET", f"/partner-events?municipality_id={aurore.id}")

    assert problem["type"] == "/problems/not-subscribed"
    subscriptions = await aurore.manager.get(f"/partner-subscriptions?municipality_id={aurore.id}")
    assert [one["name"] for one in subscriptions["items"]] == ["Logiciel de la mairie"]

"""A town’s software hears of it by webhook: the example program takes what Préau sends, signed, also a second time."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau
from tests.partners.programs import Program, running

BOOKED = "reservations.booking_confirmed.v1"
JOINED = "identity.adhesion_joined.v1"


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    return await aurore.welcome("F0002")


class Software:
    """The town's software: the example program, and its subscription, made by hand as a manager would."""

    def __init__(self, kept: Path, subscription_id: str, secret: str) -> None:
        self.kept, self.id, self.secret = kept, subscription_id, secret

    def events(self, kind: str = "") -> list[Any]:
        lines = self.kept.read_text().splitlines() if self.kept.exists() else []
        return [event for event in map(json.loads, lines) if event["type"].startswith(kind)]


@pytest.fixture(scope="module")
async def software(
    preau: Preau, aurore: TownHall, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Software, Program]]:
    """Its address is known once it runs, its secret once it is subscribed: so it is subscribed, then pointed to."""
    manager, town = aurore.manager, f"municipality_id={aurore.id}"
    account = await manager.post(f"/partner-accounts?{town}", {"name": "Logiciel", "scopes": ["events.read"]})
    await preau.quiet()
    body = {"client_id": account["client_id"], "name": "Logiciel", "profile": "town_software", "kind": "webhook"}
    made = await manager.post(
        f"/partner-subscriptions?{town}", {**body, "url": "http://127.0.0.1:9/", "start": "beginning"}
    )
    kept = tmp_path_factory.mktemp("software") / "events.jsonl"
    secret = made["shown_once"]["secret"]
    # The clock of journeys is of another year.
    patience = {"PREAU_WEBHOOK_SECRET": secret, "PREAU_WEBHOOK_TOLERANCE": "1000000000"}
    async with running("webhook_receiver.py", "0", str(kept), **patience) as program:
        url = (await program.line()).removeprefix("listening on ")
        path = f"/partner-subscriptions/{made['subscription_id']}"
        describe = {"name": "Logiciel", "profile": "town_software", "types": [JOINED, BOOKED], "url": url}
        await manager.ask("PUT", path, describe, If_Match="*")
        yield Software(kept, made["subscription_id"], secret), program


async def test_a_test_event_arrives_and_the_past_follows(
    aurore: TownHall, nadia: Family, software: tuple[Software, Program]
) -> None:
    program = software[0]
    tried = await aurore.manager.post(f"/partner-subscriptions/{program.id}/pings")
    assert (tried["taken"], tried["status"]) == (True, 204)

    async def joined() -> list[Any]:
        return [one for one in program.events(JOINED) if one["data"]["household_id"] == nadia.household_id]

    (event,) = await eventually("the adhesion", joined)
    assert event["municipality"] == aurore.id
    assert "first_name" not in json.dumps(event)


async def test_a_booking_arrives_signed(nadia: Family, software: tuple[Software, Program]) -> None:
    await nadia.post(
        "/cart/lines",
        {"child_id": nadia.child.id, "activity_id": "sainte-aurore.repas", "date": "2025-12-04", "action": "book"},
    )
    await nadia.post("/cart/validation", {"mode": "possible"}, key="new")

    async def booked() -> list[Any]:
        return software[0].events(BOOKED)

    (event,) = await eventually("the booking", booked)
    assert event["data"]["child_id"] == nadia.child.id


async def test_the_log_says_so_and_sends_again_what_the_receiver_knows_already(
    aurore: TownHall, software: tuple[Software, Program]
) -> None:
    path = f"/partner-subscriptions/{software[0].id}"

    async def settled() -> list[Any]:
        return list((await aurore.manager.get(f"{path}/deliveries?state=delivered&type={BOOKED}"))["items"])

    (delivery,) = await eventually("the delivery", settled)
    before = len(software[0].events())
    await aurore.manager.post(f"{path}/deliveries/{delivery['delivery_id']}/replay")

    async def sent_twice() -> bool:
        return len((await settled())[0]["attempts"]) == 2 if await settled() else False

    await eventually("the second try", sent_twice)
    assert len(software[0].events()) == before


async def test_an_ended_subscription_sends_no_more(
    preau: Preau, aurore: TownHall, software: tuple[Software, Program]
) -> None:
    await aurore.manager.ask("DELETE", f"/partner-subscriptions/{software[0].id}")

    left = await preau.databases["partners"]["webhooks"].find_one({"_id": software[0].id})
    assert left is None

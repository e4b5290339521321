"""What identity tells matches the published contracts, on the right exchange."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.identity.store import SCHEMA
from shared.contracts import Event, identity
from shared.contracts.catalogue import all_events
from shared.messaging.envelope import unpack
from tests.identity.accounts import NADIA, delete, opened
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, DORE, JEANNE, MAIL, staff

CONTRACTS = {
    kind.topic: kind
    for kind in vars(identity).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
}
ALL = {kind.topic: kind for kind in all_events()}
# Told in other stories, each with tests of its own.
SHOWN_BY = {
    "identity.partner_set.v1": "test_http_partners.py",
    "identity.households_merged.v1": "test_duplicates.py",
    "identity.households_unmerged.v1": "test_duplicates.py",
}
PERSONAL = ("Lefèvre", "Jeanne", "Claire", "messagerie", "06 39", "Bel-Air", "2052-03-14")


async def everything_told(door: Door) -> list[Any]:
    """A family that joined two towns and left one, an account opened and closed, and an agent."""
    await door.send(f"staff-imports?municipality_id={AURORE}", staff("nora@m.example;B;Nora;editor"), door.manager)
    claire = await door.joined()
    code = await door.invited({**JEANNE, "reference_famille": "X7"}, town=DORE)
    await door.post("adhesions", {"code": code}, claire)
    await delete(door, f"adhesions/{DORE}", claire)
    await door.post("me/closing", {"email": NADIA}, await opened(door))
    entries = []
    for name in SCHEMA.telling:
        async for document in door.db[name].find({"outbox.0": {"$exists": True}}):
            entries += document["outbox"]
    return entries


async def test_every_event_is_told_and_reads_as_its_contract(door: Door) -> None:
    entries = await everything_told(door)
    told = {entry["type"]: unpack(entry["body"].encode(), ALL[entry["type"]])[0] for entry in entries}

    assert set(CONTRACTS) - set(told) == set(SHOWN_BY)
    assert all(entry["exchange"] == ALL[entry["type"]].exchange for entry in entries)


@pytest.mark.parametrize(("topic", "module"), SHOWN_BY.items())
def test_what_is_not_told_here_is_shown_elsewhere(topic: str, module: str) -> None:
    assert topic in Path(__file__).with_name(module).read_text()


async def test_no_personal_data_travels_on_the_logged_exchange(door: Door) -> None:
    logged = [entry["body"] for entry in await everything_told(door) if entry["exchange"] == "events"]
    town = [body for body in logged if json.loads(body)["type"] == "identity.municipality_set.v1"]

    assert len(logged) > len(town) > 0
    for body in set(logged) - set(town):
        assert not any(word in body for word in PERSONAL)


async def test_sequences_grow_with_each_write_of_an_aggregate(door: Door) -> None:
    await everything_told(door)
    joined = await door.told("identity.adhesion_joined.v1")

    assert [one["sequence"] for one in joined] == [1, 2]
    assert len({one["subject"] for one in joined}) == 1


async def test_no_code_and_no_password_is_kept_in_clear(door: Door) -> None:
    await door.joined()
    (code,) = await door.codes(MAIL)
    for name in SCHEMA.collections:
        async for document in door.db[name].find({}, {"outbox": 0}):
            assert code not in json.dumps(document, default=str)
            assert "girafes" not in json.dumps(document, default=str)

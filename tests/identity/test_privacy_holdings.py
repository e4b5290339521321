"""What hangs on a household besides accounts: pick-up persons, custody, changes, merges; its own, and nobody else's."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from services.identity.store.pickup import PhotoStore
from shared.ids import new_id
from shared.privacy import File
from tests.identity.conftest import Door
from tests.identity.samples import AURORE, START

PERSON = new_id("pup")


@pytest.fixture
async def household(door: Door) -> Any:
    headers = await door.joined()
    _, household = await door.get("household", headers)
    return household


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(written, "JPEG")
    return written.getvalue()


async def hang(door: Door, household: Any, other: str) -> None:
    """Everything a household may have, and a child shared with another one."""
    db, household_id = door.db, household["household_id"]
    child_id = household["children"][0]["child_id"]
    person = {
        "id": PERSON,
        "first_name": "Mamie",
        "last_name": "Durand",
        "phone": "06 39 98 12 12",
        "relationship": "grand-mère",
        "child_ids": [child_id],
        "valid_from": "2060-09-01",
        "valid_until": None,
    }
    await db["pickup_lists"].insert_one(
        {"_id": household_id, "household_id": household_id, "persons": [person], "version": 1}
    )
    await PhotoStore(db, door.parts.log_in.sealer).put(household_id, PERSON, jpeg())
    plan = {
        "even_weeks": household_id,
        "odd_weeks": other,
        "changeover": 5,
        "exceptions": [{"starts": "2060-12-24", "ends": "2060-12-26", "household_id": other}],
    }
    await db["custody"].insert_one(
        {
            "_id": f"{AURORE}/{child_id}",
            "municipality_id": AURORE,
            "child_id": child_id,
            "plan": plan,
            "version": 1,
        }
    )
    await db["changes"].insert_one(
        {
            "_id": new_id("chg"),
            "household_id": household_id,
            "municipality_id": AURORE,
            "kind": "child_name",
            "state": "requested",
            "old": {"first_name": "Jeanne"},
            "new": {"first_name": "Jehanne"},
            "requested_at": START,
            "version": 1,
        }
    )


async def files_of(door: Door, household_id: str) -> dict[str, File]:
    holdings = door.parts.privacy.heard["holdings"]
    return {file.name: file async for file in holdings.files(household_id)}


async def test_an_archive_has_who_may_collect_the_child_with_their_photo_the_changes_and_the_weeks(
    door: Door, household: Any
) -> None:
    other = new_id("hsh")
    await hang(door, household, other)

    files = await files_of(door, household["household_id"])

    told = json.loads(files["identity.json"].content)
    assert told["pickup_persons"][0]["persons"][0]["last_name"] == "Durand"
    assert files[f"pickup/{PERSON}.jpg"].content == jpeg()
    assert told["change_requests"][0]["new"] == {"first_name": "Jehanne"}
    (weeks,) = told["custody_weeks"]
    assert (weeks["plan"]["even_weeks"], weeks["plan"]["odd_weeks"]) == (household["household_id"], "other")
    assert other not in files["identity.json"].content.decode()


async def test_all_of_it_goes_with_the_household(door: Door, household: Any) -> None:
    await hang(door, household, new_id("hsh"))
    household_id = household["household_id"]

    receipt = await door.parts.privacy.heard["holdings"].erase(household_id, START)

    assert not receipt.kept
    children = [child["child_id"] for child in household["children"]]
    left = {
        name
        for name in await door.db.list_collection_names()
        async for document in door.db[name].find({}, {"outbox": 0})
        if any(one in str(document) for one in (household_id, *children, "Durand", "Jehanne"))
    }
    assert left == set()


async def test_a_child_of_two_households_keeps_its_reference_in_the_town(door: Door, household: Any) -> None:
    household_id = household["household_id"]
    found = await door.db["households"].find_one({"_id": household_id})
    assert found
    shared = found["children"][:1]
    other = {**found, "_id": new_id("hsh"), "children": shared, "adhesions": [], "outbox": []}
    await door.db["households"].insert_one(other)
    before = await door.db["child_references"].distinct("child_id")
    assert len(before) == len(household["children"])

    await door.parts.privacy.heard["holdings"].erase(household_id, START)

    assert await door.db["child_references"].distinct("child_id") == [shared[0]["id"]]


async def test_households_that_were_merged_into_one_are_asked_and_forgotten_with_it(door: Door, household: Any) -> None:
    household_id, merged, older = household["household_id"], new_id("hsh"), new_id("hsh")
    for number, (kept, gone) in enumerate(((household_id, merged), (merged, older))):
        await door.db["merges"].insert_one(
            {
                "_id": new_id("mrg"),
                "municipality_id": AURORE,
                "kept_file_id": f"ff_{number}",
                "merged_file_id": f"ff_{number + 10}",
                "kept_household_id": kept,
                "merged_household_id": gone,
                "before": {},
                "made_at": START,
                "undone_at": None,
            }
        )

    assert await door.parts.households.merged_into(household_id) == (merged, older)

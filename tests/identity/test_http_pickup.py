"""Who may collect the children: named by guardians with a photo, looked up at the door."""

from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from PIL import ExifTags, Image

from services.identity.store.pictures import LONGEST_SIDE, made_anew
from shared.auth import Role
from tests.identity.conftest import Door
from tests.identity.homes import Home, fathers, home_of, mothers, picture
from tests.identity.samples import AURORE, DORE

PERSONS = "household/pickup-persons"
JPEG = {"Content-Type": "image/jpeg"}


def odile(home: Home, **changes: Any) -> dict[str, Any]:
    return {
        "first_name": "Odile",
        "last_name": "Lefèvre",
        "phone": "06 39 98 00 77",
        "relationship": "grand-mère",
        "child_ids": [home.child()],
        "valid_from": "2060-09-01",
        "valid_until": "2061-07-05",
        **changes,
    }


async def named(door: Door, home: Home, **changes: Any) -> dict[str, Any]:
    status, person = await door.post(PERSONS, odile(home, **changes), home.headers)
    assert status == 201, person
    return dict(person)


async def send(door: Door, home: Home, person: dict[str, Any], content: bytes, kind: str = "image/jpeg") -> Any:
    path = f"/api/v1/{PERSONS}/{person['person_id']}/photo"
    headers = {**home.headers, "Content-Type": kind}
    return await door.client.put(path, data=BytesIO(content), headers=headers)


def at_the_door(child: str, town: str = AURORE) -> str:
    return f"pickup-persons?municipality_id={town}&child_id={child}"


async def test_guardians_name_change_and_remove_persons(door: Door) -> None:
    home = await mothers(door)
    person = await named(door, home)
    path = f"/api/v1/{PERSONS}/{person['person_id']}"

    changed = await door.client.put(path, json=odile(home, phone="07"), headers=home.headers)

    assert (await changed.json())["phone"] == "07"
    assert [one["phone"] for one in (await door.get(PERSONS, home.headers))[1]] == ["07"]
    assert (await door.client.delete(path, headers=home.headers)).status == 204
    assert (await door.client.delete(path, headers=home.headers)).status == 404
    assert (await door.get(PERSONS, home.headers))[1] == []


async def test_the_world_hears_ids_and_services_the_list(door: Door) -> None:
    home = await mothers(door)

    person = await named(door, home)

    (world,) = await door.told("identity.pickup_persons_changed.v1")
    (services,) = await door.told("identity.pickup_persons_profiled.v1")
    assert world["data"] == {
        "household_id": home.id,
        "municipality_ids": [AURORE],
        "child_ids": [home.child()],
        "person_ids": [person["person_id"]],
    }
    assert services["data"]["persons"][0]["first_name"] == "Odile"
    (changed,) = await door.told("identity.household_changed.v1")
    assert changed["data"]["changed"] == ["pickup_persons"]


async def test_persons_are_for_own_children_only(door: Door) -> None:
    home = await mothers(door)
    body = odile(home, child_ids=[f"chd_{'0' * 32}"], valid_until="2060-08-01")

    status, problem = await door.post(PERSONS, body, home.headers)

    assert (status, problem["type"]) == (422, "/problems/person-unfit")
    assert [error["field"] for error in problem["errors"]] == ["child_ids", "valid_until"]


async def test_staff_see_those_who_may_come_today_first(door: Door) -> None:
    home = await mothers(door)
    await named(door, home, first_name="Passée", valid_from="2060-01-01", valid_until="2060-08-31")
    await named(door, home, first_name="Zélie")
    await named(door, home, first_name="Autre", child_ids=[home.child("Émile")])
    staff = door.issuer.agent(AURORE, Role.ATTENDANCE)

    status, found = await door.get(at_the_door(home.child()), staff)

    assert status == 200
    assert [(one["first_name"], one["valid_today"]) for one in found] == [("Zélie", True), ("Passée", False)]
    assert {one["household_id"] for one in found} == {home.id}


async def test_staff_see_the_persons_of_both_parents(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)
    await named(door, mother)
    await named(door, father, first_name="Marcel")

    _, found = await door.get(at_the_door(mother.child()), door.registrar)

    assert {one["household_id"] for one in found} == {mother.id, father.id}
    assert [one["first_name"] for one in (await door.get(PERSONS, father.headers))[1]] == ["Marcel"]


async def test_the_list_at_the_door_is_for_the_towns_own_staff(door: Door) -> None:
    home = await mothers(door)
    await named(door, home)
    cashier, other = door.issuer.agent(AURORE, Role.CASHIER), door.issuer.agent(DORE, Role.MANAGER)

    assert (await door.get(at_the_door(home.child()), cashier))[0] == 403
    assert (await door.get(at_the_door(home.child()), other))[0] == 403
    assert (await door.get(at_the_door(home.child(), DORE), other))[0] == 404
    assert (await door.get(at_the_door(home.child()), home.headers))[0] == 403


# --- photos -----------------------------------------------------------------------------------------------------------


async def test_a_photo_is_kept_for_guardians_and_staff(door: Door) -> None:
    home = await mothers(door)
    person = await named(door, home)

    assert (await send(door, home, person, picture("PNG"), "image/png")).status == 204

    (listed,) = (await door.get(PERSONS, home.headers))[1]
    own = await door.client.get(listed["photo_href"], headers=home.headers)
    (seen,) = (await door.get(at_the_door(home.child()), door.registrar))[1]
    staff = await door.client.get(seen["photo_href"], headers=door.registrar)
    assert own.content_type == staff.content_type == "image/jpeg"
    assert own.headers["X-Content-Type-Options"] == "nosniff"
    assert await own.read() == await staff.read()
    assert Image.open(BytesIO(await own.read())).size == (300, 200)


async def test_a_photo_is_sealed_in_the_database(door: Door) -> None:
    home = await mothers(door)
    person = await named(door, home)
    await send(door, home, person, picture())

    (kept,) = [found async for found in door.db["pickup_photos"].find({})]
    assert b"JFIF" not in bytes(kept["sealed"])
    other = f"pck_{'0' * 32}"
    await door.db["pickup_photos"].insert_one({**kept, "_id": other})
    assert (await door.client.get(f"/api/v1/{PERSONS}/{other}/photo", headers=home.headers)).status == 404


async def test_where_and_when_a_photo_was_taken_is_not_kept(door: Door) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Appareil"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (47.0, 23.0, 0.0)

    kept = Image.open(BytesIO(await made_anew(picture(exif=exif.tobytes()))))

    assert dict(kept.getexif()) == {}
    assert b"Appareil" not in kept.tobytes()


async def test_a_photo_taken_sideways_stands_upright_and_a_large_one_is_made_smaller() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    upright = Image.open(BytesIO(await made_anew(picture(exif=exif.tobytes()))))
    small = Image.open(BytesIO(await made_anew(picture(size=(4000, 1000)))))

    assert upright.size == (200, 300)
    assert small.size == (LONGEST_SIDE, 300)


def polyglot() -> bytes:
    return picture() + b"<script>alert(1)</script>"


async def test_what_hides_behind_a_picture_is_gone() -> None:
    assert b"script" not in await made_anew(polyglot())


def bomb() -> bytes:
    """A small file that unpacks to 10^10 pixels: a header that lies."""
    honest = bytearray(picture("PNG", (1, 1)))
    honest[16:24] = (100_000).to_bytes(4, "big") * 2
    honest[29:33] = crc32(bytes(honest[12:29])).to_bytes(4, "big")
    return bytes(honest)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (bomb(), 422, "picture-too-large"),
        (picture("PNG", (7_000, 6_000)), 422, "picture-too-large"),
        (picture("GIF"), 422, "picture-unreadable"),
        (b"%PDF-1.7 not a photo", 422, "picture-unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "picture-unreadable"),
        (picture()[:200], 422, "picture-unreadable"),
        (b"", 422, "picture-unreadable"),
        (b"\xff" * (5 * 1024 * 1024 + 1), 413, "too-large"),
    ],
)
async def test_what_is_no_photo_is_refused(door: Door, content: bytes, status: int, code: str) -> None:
    home = await mothers(door)
    person = await named(door, home)

    answer = await send(door, home, person, content)

    assert (answer.status, (await answer.json())["type"]) == (status, f"/problems/{code}")
    assert (await door.get(PERSONS, home.headers))[1][0]["photo_href"] is None


async def test_another_media_type_is_refused(door: Door) -> None:
    home = await mothers(door)
    person = await named(door, home)

    assert (await send(door, home, person, b"<svg/>", "image/svg+xml")).status == 415


async def test_a_photo_is_the_households_own(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)
    person = await named(door, mother)
    await send(door, mother, person, picture())
    path = f"/api/v1/{PERSONS}/{person['person_id']}/photo"

    assert (await door.client.get(path, headers=father.headers)).status == 404
    assert (await send(door, father, person, picture())).status == 404
    assert (await door.client.delete(path, headers=father.headers)).status == 404
    assert (await door.client.delete(path, headers=mother.headers)).status == 204
    assert (await door.client.get(path, headers=mother.headers)).status == 404


async def test_the_photo_goes_with_the_person(door: Door) -> None:
    home = await mothers(door)
    person = await named(door, home)
    await send(door, home, person, picture())

    await door.client.delete(f"/api/v1/{PERSONS}/{person['person_id']}", headers=home.headers)

    assert await door.db["pickup_photos"].count_documents({}) == 0


# --- yearly confirmation ----------------------------------------------------------------------------------------------

CAMPAIGN = {"municipality_id": AURORE, "until": "2060-09-30"}


async def test_a_town_asks_its_households_once_and_hears_who_answered(door: Door) -> None:
    mother, father = await mothers(door), await fathers(door)

    counts = [(await door.post("reconfirmations", CAMPAIGN, door.manager))[1]["asked"] for _ in range(2)]
    status, done = await door.post("household/reconfirmations", {"municipality_id": AURORE}, father.headers)

    assert counts == [2, 0]
    assert (status, done["municipality_id"]) == (200, AURORE)
    _, list_of_town = await door.get(f"reconfirmations?municipality_id={AURORE}", door.registrar)
    assert (list_of_town["asked"], list_of_town["confirmed"]) == (2, 1)
    assert [(one["household_id"], one["family_reference"]) for one in list_of_town["items"]] == [(mother.id, "F1")]
    assert len(await door.told("identity.reconfirmation_asked.v1")) == 2
    (told,) = await door.told("identity.household_reconfirmed.v1")
    assert told["data"]["household_id"] == father.id


async def test_the_household_shows_what_is_to_be_confirmed_until_it_is(door: Door) -> None:
    home = await mothers(door)
    await door.post("reconfirmations", CAMPAIGN, door.manager)

    asked = (await home_of(door, home.headers)).household["to_confirm"]
    await door.post("household/reconfirmations", {"municipality_id": AURORE}, home.headers)

    assert asked == [CAMPAIGN]
    assert (await home_of(door, home.headers)).household["to_confirm"] == []


async def test_a_new_day_asks_again(door: Door) -> None:
    home = await mothers(door)
    await door.post("reconfirmations", CAMPAIGN, door.manager)
    await door.post("household/reconfirmations", {"municipality_id": AURORE}, home.headers)

    _, again = await door.post("reconfirmations", {**CAMPAIGN, "until": "2061-09-30"}, door.manager)

    assert again["asked"] == 1
    assert (await home_of(door, home.headers)).household["to_confirm"][0]["until"] == "2061-09-30"


async def test_confirmations_are_refused_where_they_make_no_sense(door: Door) -> None:
    home = await mothers(door)
    own = {"municipality_id": AURORE}

    assert (await door.post("household/reconfirmations", own, home.headers))[0] == 409
    assert (await door.post("household/reconfirmations", {"municipality_id": DORE}, home.headers))[0] == 404
    assert (await door.post("reconfirmations", {**CAMPAIGN, "until": "2060-08-31"}, door.manager))[0] == 422
    assert (await door.post("reconfirmations", CAMPAIGN, door.registrar))[0] == 403
    assert (await door.post("reconfirmations", CAMPAIGN, door.issuer.agent(DORE, Role.MANAGER)))[0] == 403

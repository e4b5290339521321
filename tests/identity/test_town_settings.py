"""The settings of a town: its managers change them, everybody sees the colours and the logo."""

from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from services.identity.domain.branding import Branding, TooPale, contrast
from shared.auth import Caller, Role
from tests.identity.conftest import Door, SetTown
from tests.identity.samples import AURORE, DORE, TOWN

SETTINGS, LOGO = f"municipalities/{AURORE}/settings", f"municipalities/{AURORE}/logo"
CHANGED: dict[str, Any] = {
    "name": "Sainte-Aurore-sur-Mer",
    "contact": {"email": "Accueil@sainte-aurore.example", "phone": "02 61 91 20 01", "address": "2 place de la Mairie"},
    "branding": {"primary": "#003366", "accent": "#8B0000"},
    "time_zone": "Indian/Reunion",
    "school_zone": "reunion",
    "public_holidays": "la-reunion",
    "opening_view": "period",
    "services": ["Restaurant scolaire"],
    "reconfirmation_month": 6,
}


class Desk:
    def __init__(self, door: Door) -> None:
        self.door = door

    async def ask(self, method: str, path: str, body: Any = None, *, data: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request(method, path, {**self.door.manager, **named}, body, data)

    async def request(self, method: str, path: str, headers: dict[str, str], body: Any = None, data: Any = None) -> Any:
        return await self.door.client.request(method, f"/api/v1/{path}", json=body, data=data, headers=headers)

    async def change(self, **changes: Any) -> tuple[int, Any]:
        response = await self.ask("PUT", SETTINGS, {**CHANGED, **changes}, If_Match="*")
        return response.status, await response.json()


@pytest.fixture
def desk(door: Door) -> Desk:
    return Desk(door)


def picture(size: tuple[int, int] = (1_000, 300), kind: str = "PNG", **more: Any) -> bytes:
    out = BytesIO()
    mode = "RGB" if kind == "JPEG" else "RGBA"
    Image.new(mode, size, "#003366").save(out, kind, **more)
    return out.getvalue()


# --- colours -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
    ],
)
def test_contrast_is_counted_as_wcag_says(one: str, other: str, expected: float) -> None:
    assert round(contrast(one, other), 2) == expected
    assert contrast(one, other) == contrast(other, one)


def test_colours_that_cannot_be_read_are_refused_with_their_contrast() -> None:
    with pytest.raises(TooPale) as refused:
        Branding(primary="#777777").check()

    assert refused.value.facts == {"colour": "#777777", "contrast": 4.4, "least": 4.5}
    Branding(primary="#767676", accent="#000000").check()
    Branding().check()


# --- settings ------------------------------------------------------------------------------------------------------


async def test_settings_are_read_with_the_version_a_change_needs(desk: Desk) -> None:
    shown = await desk.ask("GET", SETTINGS)
    settings = await shown.json()

    assert (shown.status, shown.headers["ETag"]) == (200, f'"{settings["version"]}"')
    assert (settings["name"], settings["insee"], settings["reconfirmation_month"]) == ("Sainte-Aurore", "37999", None)

    first = await desk.ask("PUT", SETTINGS, CHANGED, If_Match=shown.headers["ETag"])
    second = await desk.ask("PUT", SETTINGS, CHANGED, If_Match=shown.headers["ETag"])
    blind = await desk.ask("PUT", SETTINGS, CHANGED)

    assert (first.status, first.headers["ETag"]) == (200, f'"{settings["version"] + 1}"')
    assert (second.status, blind.status) == (412, 428)


async def test_what_a_manager_changes_everybody_sees_and_the_services_hear(desk: Desk) -> None:
    status, settings = await desk.change()

    _, public = await desk.door.get(f"municipalities/{AURORE}")
    told = (await desk.door.told("identity.municipality_set.v1"))[-1]
    assert status == 200
    assert {name: public[name] for name in ("name", "time_zone", "opening_view", "services")} == {
        "name": "Sainte-Aurore-sur-Mer",
        "time_zone": "Indian/Reunion",
        "opening_view": "period",
        "services": ["Restaurant scolaire"],
    }
    assert public["contact"]["email"] == "accueil@sainte-aurore.example"
    assert public["branding"] == {"primary": "#003366", "accent": "#8b0000", "logo_href": None}
    assert told["sequence"] == settings["version"]
    assert told["data"]["primary_colour"] == "#003366"
    assert (told["data"]["public_holidays"], told["data"]["reconfirmation_month"]) == ("la-reunion", 6)


async def test_the_same_settings_again_tell_nothing(desk: Desk) -> None:
    await desk.change()
    before = len(await desk.door.told("identity.municipality_set.v1"))

    assert (await desk.change())[0] == 200
    assert len(await desk.door.told("identity.municipality_set.v1")) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"branding": {"primary": "#ffee00", "accent": "#000000"}}, "#ffee00 a un contraste de 1,2 pour 1"),
        ({"branding": {"primary": "red", "accent": "#000000"}}, ""),
        ({"branding": {"primary": "#00000g", "accent": "#000000"}}, "six chiffres hexadécimaux"),
        ({"time_zone": "Europe/Nowhere"}, "Ce n’est pas un fuseau horaire"),
        ({"time_zone": "../../etc/passwd"}, "Ce n’est pas un fuseau horaire"),
        ({"contact": {"email": "nobody", "phone": "", "address": ""}}, "Ceci n’est pas une adresse électronique"),
        ({"reconfirmation_month": 13}, ""),
        ({"services": ["x"] * 51}, ""),
        ({"opening_view": "list"}, ""),
    ],
)
async def test_settings_that_cannot_be_are_refused_in_words(desk: Desk, change: dict[str, Any], words: str) -> None:
    status, problem = await desk.change(**change)

    assert status == 422
    assert words in str(problem)


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_only_managers_of_the_whole_town_see_and_change_them(desk: Desk, method: str) -> None:
    issuer, body = desk.door.issuer, CHANGED if method == "PUT" else None
    of_programme = Caller(account_id="acc_1", programme_roles={f"{AURORE}.restaurant": frozenset({"manager"})})
    for headers in (
        issuer.agent(AURORE, Role.REGISTRAR),
        issuer.agent(DORE, Role.MANAGER),
        issuer.guardian("hsh_1", AURORE),
        issuer.headers(of_programme),
    ):
        assert (await desk.request(method, SETTINGS, headers, body)).status == 403


async def test_a_town_that_is_set_from_its_file_again_keeps_its_colours(desk: Desk, open_town: SetTown) -> None:
    await desk.change()

    await open_town(TOWN)

    _, public = await desk.door.get(f"municipalities/{AURORE}")
    assert (public["name"], public["branding"]["primary"]) == ("Sainte-Aurore", "#003366")


# --- logo ----------------------------------------------------------------------------------------------------------


async def test_a_logo_is_made_anew_and_shown_to_everybody(desk: Desk) -> None:
    put = await desk.ask("PUT", LOGO, data=picture(), Content_Type="image/png")
    href = (await put.json())["logo_href"]

    shown = await desk.door.client.get(href)
    plainly = await desk.door.client.get(f"/api/v1/{LOGO}")
    again = await desk.door.client.get(href, headers={"If-None-Match": shown.headers["ETag"]})

    assert (put.status, shown.status, again.status) == (200, 200, 304)
    with Image.open(BytesIO(await shown.read())) as image:
        assert (image.format, image.size) == ("PNG", (800, 240))
    assert shown.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plainly.headers["Cache-Control"] == "public, max-age=86400"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert (await desk.door.told("identity.municipality_set.v1"))[-1]["data"]["logo_path"] == href


async def test_letters_get_the_logo_in_the_size_of_a_letterhead_until_it_is_taken_away(desk: Desk) -> None:
    await desk.ask("PUT", LOGO, data=picture((1_600, 480)), Content_Type="image/png")
    await desk.ask("DELETE", LOGO)

    set_, removed = (one["data"] for one in await desk.door.told("identity.letterhead_set.v1"))
    with Image.open(BytesIO(b64decode(set_["png_base64"]))) as image:
        assert (image.format, image.size) == ("PNG", (set_["width"], set_["height"])) == ("PNG", (400, 120))
    assert removed == {"municipality_id": AURORE, "png_base64": "", "width": 0, "height": 0}


async def test_nothing_that_was_hidden_in_a_picture_is_kept(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at 22 résidence Bel-Air"
    photo = picture(kind="JPEG", exif=exif, comment=b"secret")
    await desk.ask("PUT", LOGO, data=photo + b"<script>alert(1)</script>", Content_Type="image/jpeg")

    kept = await (await desk.door.client.get(f"/api/v1/{LOGO}")).read()

    assert b"Bel-Air" in photo
    assert not any(word in kept for word in (b"Bel-Air", b"secret", b"<script>"))


async def test_another_logo_replaces_the_first_and_none_takes_it_away(desk: Desk) -> None:
    first = await (await desk.ask("PUT", LOGO, data=picture(), Content_Type="image/png")).json()
    second = await (await desk.ask("PUT", LOGO, data=picture((50, 50)), Content_Type="image/png")).json()
    kept = await desk.door.db["logos"].count_documents({})

    removed = await desk.ask("DELETE", LOGO)

    assert first != second
    assert (kept, removed.status, await desk.door.db["logos"].count_documents({})) == (1, 204, 0)
    assert (await desk.door.client.get(f"/api/v1/{LOGO}")).status == 404


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "picture-unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "picture-unreadable"),
        (picture()[:200], "picture-unreadable"),
        (picture((6_000, 4_000)), "picture-too-large"),
        (b"GIF89a" + bytes(100), "picture-unreadable"),
    ],
)
async def test_what_is_no_picture_is_refused(desk: Desk, content: bytes, code: str) -> None:
    response = await desk.ask("PUT", LOGO, data=content, Content_Type="image/png")

    assert (response.status, (await response.json())["type"]) == (422, f"/problems/{code}")
    assert await desk.door.db["logos"].count_documents({}) == 0


async def test_a_logo_that_is_too_heavy_is_refused_before_it_is_read(desk: Desk) -> None:
    response = await desk.ask("PUT", LOGO, data=BytesIO(bytes(3 * 1024 * 1024)), Content_Type="image/png")

    assert response.status == 413


# --- terms ---------------------------------------------------------------------------------------------------------


async def test_the_terms_of_a_town_are_read_by_whoever_thinks_of_joining(desk: Desk) -> None:
    none = await desk.door.get(f"municipalities/{AURORE}/terms")
    text = {"municipality_id": AURORE, "purpose": "terms", "title_fr": "Conditions", "text_fr": "Le règlement."}
    written = await desk.ask("POST", "privacy-texts", text)

    status, terms = await desk.door.get(f"municipalities/{AURORE}/terms")

    assert (none[0], written.status, status) == (404, 201, 200), await written.text()
    assert (terms["version"], terms["title"], terms["text"]) == (1, "Conditions", "Le règlement.")

"""A town's look and words on the letters its families get; and letters that come back."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.journeys.clock import eventually
from tests.journeys.office import TownHall, registration
from tests.journeys.people import Family
from tests.journeys.test_joining import code_of, family_import, lines
from tests.journeys.town import Preau

NOWHERE = "lopez@nowhere.example"
WORDS = {
    "fr": {"subject": "{town} : votre dossier", "opening": "Bonjour {reader}, relisez votre dossier.", "notes": []}
}


def logo() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (800, 320), "#00563b").save(out, "PNG")
    return BytesIO(out.getvalue())


async def ask_to_confirm(hall: TownHall) -> None:
    until = hall.preau.clock().date().replace(month=12, day=31).isoformat()
    await hall.manager.post("/reconfirmations", {"municipality_id": hall.id, "until": until})
    await hall.preau.quiet()


async def test_a_town_s_logo_and_words_are_on_the_next_letter(preau: Preau, aurore: TownHall) -> None:
    family = await aurore.welcome("F0001")
    put = await aurore.manager.ask("PUT", f"/municipalities/{aurore.id}/logo", logo().getvalue(), media="image/png")
    assert put.status == 200, put.content
    path = "/letter-templates/reconfirmation"
    body = {"municipality_id": aurore.id, "words": WORDS}
    kept = await aurore.manager.ask("PUT", path, body, If_Match='"0"')
    assert kept.status == 200, kept.content
    await preau.quiet()
    shown = await aurore.manager.post(f"{path}/previews", {"municipality_id": aurore.id})
    assert "data:image/png;base64," in shown["html"]

    await ask_to_confirm(aurore)

    (mail,) = await preau.mails(family.email, "votre dossier")
    assert mail["subject"] == "Sainte-Aurore : votre dossier"
    assert "relisez votre dossier." in mail["text"]
    # The sandbox shows pictures that travel along as data.
    assert 'src="data:image/png;base64,' in mail["html"]


async def test_a_letter_that_comes_back_ends_mail_to_its_address_and_the_family_reads_why(
    preau: Preau, aurore: TownHall
) -> None:
    await family_import(aurore, lines(aurore, "F0003", email=NOWHERE))
    found = await eventually("the invitation back", lambda: unreachable(aurore))
    assert [(one["address"], one["reason"]) for one in found] == [("", "unknown_address")]

    family = Family(door=preau.gateway, clock=preau.clock, email=NOWHERE, reference="F0003")
    form = await registration(preau, await code_of(preau, NOWHERE), NOWHERE)
    family.signed_in(await preau.anyone.post("/registrations", form))
    await aurore.settle(family)
    before = len(await preau.mails(NOWHERE))
    await aurore.manager.post(
        "/news",
        {
            "municipality_id": aurore.id,
            "title": "Fermeture",
            "category": "Information",
            "body": "<p>Lundi</p>",
        },
    )
    await ask_to_confirm(aurore)
    told = await preau.heard.until("notifications.address_unreachable.v1")

    assert told[0]["data"]["household_id"] == family.household_id
    assert "@" not in str(told[0]["data"])
    assert len(await preau.mails(NOWHERE)) == before
    (shown,) = await unreachable(aurore)
    assert (shown["address"], shown["household_id"]) == (NOWHERE, family.household_id)
    kinds = [one["kind"] for one in (await family.get("/messages"))["items"]]
    assert "address_unreachable" in kinds

    answer = await family.ask("DELETE", f"/unreachable-addresses/{shown['address_id']}")
    assert answer.status == 204
    assert await unreachable(aurore) == []


async def unreachable(hall: TownHall) -> list[Any]:
    return list((await hall.manager.get(f"/unreachable-addresses?municipality_id={hall.id}"))["items"])

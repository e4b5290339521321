"""Agents sign in with a second factor; whoever owns an account hears what happens to it, and can end it everywhere."""

from typing import Any

import pytest

from tests.identity.passkeys import SecurityKey
from tests.journeys.office import TownHall
from tests.journeys.people import PASSWORD, Family, Person
from tests.journeys.sample import written
from tests.journeys.town import Preau

ODILE = "odile.marchand@sainte-aurore.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"


@pytest.fixture(scope="module")
async def odile(preau: Preau, aurore: TownHall) -> Person:
    """A registrar who has just chosen a password."""
    row = {"email": ODILE, "nom": "Marchand", "prenom": "Odile", "roles": "registrar"}
    await aurore.upload("/staff-imports", written([row]))
    letters = await preau.heard.until("identity.invitation_issued.v1", email=ODILE)
    form = {"code": letters[-1]["data"]["code"], "email": ODILE, "password": PASSWORD}
    person = Person(door=preau.gateway, clock=preau.clock, email=ODILE)
    person.signed_in(await preau.anyone.post("/agent-registrations", form))
    return person


@pytest.fixture(scope="module")
async def family(aurore: TownHall) -> Family:
    return await aurore.welcome("F0001")


async def test_without_a_second_factor_an_agent_is_nobody_anywhere(odile: Person) -> None:
    for path in ("/family-files", "/month-closings", "/requests", "/invoice-runs"):
        await odile.refused(403, "GET", f"{path}?municipality_id=sainte-aurore")

    assert (await odile.get("/me"))["roles_withheld"]


async def test_with_one_the_roles_are_there_and_the_owner_is_told(preau: Preau, odile: Person) -> None:
    await odile.add_app()

    assert (await odile.get("/family-files?municipality_id=sainte-aurore"))["items"]
    (mail,) = await preau.mails(ODILE, "application d’authentification")
    assert "Si ce n’était pas vous" in mail["text"]


async def test_from_then_on_the_password_alone_is_refused_and_the_code_opens(preau: Preau, odile: Person) -> None:
    preau.clock.pass_time(minutes=11)  # type: ignore[attr-defined]  # the test's own clock
    asked = await preau.anyone.refused(401, "POST", "/sessions", {"email": ODILE, "password": PASSWORD})

    assert (asked["type"], asked["methods"]) == ("/problems/second-factor-needed", ["otp", "recovery_code"])
    assert (await odile.get("/family-files?municipality_id=sainte-aurore"))["items"]


async def test_a_passkey_opens_a_session_with_nothing_else(preau: Preau, odile: Person) -> None:
    site = preau.settings("identity")
    key = SecurityKey(origin=site.passkey_origins[0], rp_id=site.passkey_domain)
    asked = await odile.post("/me/passkeys/options")
    added = await odile.post("/me/passkeys", {"name": "Clé du bureau", "credential": key.make(asked["options"])})
    odile.signed_in(added["session"])
    asked = await preau.anyone.post("/sessions/passkey-options")
    proof = {"challenge": asked["challenge"], "credential": key.sign(asked["options"])}
    odile.signed_in(await preau.anyone.post("/sessions/passkey", proof))

    assert not (await odile.get("/me"))["roles_withheld"]


async def test_a_family_hears_of_a_new_device_and_signs_out_everywhere(preau: Preau, family: Family) -> None:
    credentials = {"email": family.email, "password": PASSWORD}
    stolen: Any = (await preau.anyone.ask("POST", "/sessions", credentials, User_Agent=FIREFOX)).json
    (mail,) = await preau.mails(family.email, "nouvel appareil")
    devices = [one["device"] for one in await family.get("/sessions")]
    await family.ask("DELETE", "/sessions")
    refused = await preau.anyone.refused(401, "POST", "/sessions/refresh", {"refresh_token": stolen["refresh_token"]})

    assert "Firefox (Linux)" in mail["text"]
    assert devices == ["Firefox (Linux)", ""]
    assert refused["type"] == "/problems/session-over"
    assert await preau.mails(family.email, "déconnecté partout")

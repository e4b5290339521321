"""A parent opens an account alone, joins by a typed code, shares it with the other guardian, leaves and comes back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.journeys.clock import eventually
from tests.journeys.office import RESTAURANT, TownHall
from tests.journeys.people import PASSWORD, Family, Person
from tests.journeys.town import PORTAL, Preau

MAIL, NEW_MAIL = "odile.roux@messagerie.example", "odile@nouvelle.example"
OTHER = "paul.roux@messagerie.example"
NEW_PASSWORD = "sept nuages au-dessus du phare"
FORM = {
    "email": MAIL,
    "password": PASSWORD,
    "family_name": "Roux",
    "civility": "Mme",
    "first_name": "Odile",
    "last_name": "Roux",
    "phone": "06 39 98 44 44",
    "channels": ["email", "inbox"],
    "language": "fr",
}
REFERENCE = "F0006"


async def token_of(preau: Preau, to: str, subject: str, page: str) -> str:
    """The token of the link in the newest letter with that subject."""
    mail = (await preau.mails(to, subject))[0]
    link = urlsplit(next(word for word in mail["text"].split() if word.startswith(PORTAL)))
    assert link.path == page
    return parse_qs(link.query)["token"][0]


async def is_known(family: Family, hall: TownHall) -> bool:
    children = await family.get("/children")
    return bool(children) and all(child["enrolments"] for child in children)


async def test_a_form_and_the_link_of_a_mail_open_an_account(preau: Preau) -> None:
    assert (await preau.anyone.ask("POST", "/accounts", FORM)).status == 202
    token = await token_of(preau, MAIL, "Confirmez votre adresse électronique", "/verifyAccount")
    session = await preau.anyone.post("/accounts/verification", {"token": token, "password": PASSWORD})
    odile = Person(door=preau.gateway, clock=preau.clock, email=MAIL)
    odile.signed_in(session)

    assert (await odile.get("/household"))["towns"] == []
    assert await odile.get("/children") == []
    assert (await odile.get("/cart"))["lines"] == []
    assert await odile.get("/invoices") == []


async def test_asking_again_for_an_address_that_signs_in_says_so_by_mail_only(preau: Preau) -> None:
    answer = await preau.anyone.ask("POST", "/accounts", FORM)

    assert (answer.status, answer.content) == (202, b"")
    (mail,) = await preau.mails(MAIL, "Vous avez déjà un compte")
    assert "token=" not in mail["text"]


def odile(preau: Preau) -> Family:
    return Family(door=preau.gateway, clock=preau.clock, email=MAIL, reference=REFERENCE)


async def test_a_town_s_code_brings_its_services(preau: Preau, aurore: TownHall) -> None:
    family = odile(preau)
    code = await aurore.invite(REFERENCE)
    typed = f"{code[:5].lower()} {code[5:]}"
    household = await family.post("/adhesions", {"code": typed})
    family.token_ends = 0

    assert [town["municipality_id"] for town in household["towns"]] == [aurore.id]
    await aurore.settle(family)
    assert {child["municipality_id"] for child in await family.get("/children")} == {aurore.id}


async def test_the_other_guardian_signs_in_to_the_same_household(preau: Preau, aurore: TownHall) -> None:
    family = odile(preau)
    guardians = (await family.get("/household"))["guardians"]
    assert len(guardians) == 1
    paul = {"civility": "M.", "first_name": "Paul", "last_name": "Roux"}
    household = await family.post("/household/guardians", paul)
    await family.post(f"/household/guardians/{household['guardians'][1]['guardian_id']}/invitation", {"email": OTHER})
    (mail,) = await preau.mails(OTHER, "Votre accès personnel")
    link = urlsplit(next(word for word in mail["text"].split() if word.startswith(PORTAL)))
    asked = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert (link.path, asked["email"]) == ("/createGuardian", OTHER)

    body = {"code": asked["activationCode"], "email": OTHER, "password": NEW_PASSWORD}
    other = Person(door=preau.gateway, clock=preau.clock, email=OTHER, password=NEW_PASSWORD)
    other.signed_in(await preau.anyone.post("/guardian-registrations", body))
    mine = {child["child_id"] for child in await family.get("/children")}
    assert {child["child_id"] for child in await other.get("/children")} == mine


async def test_a_forgotten_password_and_a_new_address_are_told_to_both(preau: Preau) -> None:
    await preau.anyone.ask("POST", "/password-resets", {"email": MAIL})
    token = await token_of(preau, MAIL, "Choisissez un nouveau mot de passe", "/resetPassword")
    done = await preau.anyone.ask("POST", "/password-resets/confirmation", {"token": token, "password": NEW_PASSWORD})
    assert done.status == 204

    family = odile(preau)
    family.password = NEW_PASSWORD
    answer = await family.ask("PUT", "/me/email", {"email": NEW_MAIL})
    assert answer.status == 202
    token = await token_of(preau, NEW_MAIL, "Confirmez votre nouvelle adresse", "/confirmEmail")
    await preau.anyone.post("/email-confirmations", {"token": token})
    family.email, family.token_ends = NEW_MAIL, 0
    assert (await family.get("/me"))["email"] == NEW_MAIL
    for address in (MAIL, NEW_MAIL):
        assert await preau.mails(address)
    told = preau.heard.of("identity.security_noticed.v1", kind="email_changed")
    assert told[-1]["data"]["emails"] == [MAIL, NEW_MAIL]


async def test_leaving_the_town_closes_its_services_and_a_new_code_opens_them_again(
    preau: Preau, aurore: TownHall
) -> None:
    family = Family(door=preau.gateway, clock=preau.clock, email=NEW_MAIL, password=NEW_PASSWORD, reference=REFERENCE)
    await aurore.settle(family)
    before = [child.id for child in family.children]
    left: Any = await family.ask("DELETE", f"/adhesions/{aurore.id}")
    assert (left.status, left.json["towns"]) == (200, [])
    family.token_ends = 0

    async def gone() -> bool:
        return await family.get("/children") == []

    await eventually("the children gone from reservations", gone)
    path = f"/children/{before[0]}/months/2025-11?programme_id={aurore.named(RESTAURANT)}"
    assert (await family.refused(404, "GET", path))["type"] == "/problems/not-found"
    assert (await family.get("/me"))["municipality_ids"] == []

    await family.post("/adhesions", {"code": await aurore.invite(REFERENCE)})
    family.token_ends = 0
    await aurore.settle(family)
    assert [child.id for child in family.children] == before


async def test_a_closed_account_is_gone_and_the_other_guardian_stays(preau: Preau) -> None:
    family = Person(door=preau.gateway, clock=preau.clock, email=NEW_MAIL, password=NEW_PASSWORD)
    answer = await family.ask("POST", "/me/closing", {"email": NEW_MAIL})
    assert answer.status == 204

    refused = await preau.anyone.refused(401, "POST", "/sessions", {"email": NEW_MAIL, "password": NEW_PASSWORD})
    assert refused["type"] == "/problems/wrong-credentials"
    other = Person(door=preau.gateway, clock=preau.clock, email=OTHER, password=NEW_PASSWORD)
    assert (await other.get("/household"))["towns"]

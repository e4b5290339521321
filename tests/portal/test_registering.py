"""The link of the mail leads to an account, and what goes wrong on the way is said where it is."""

from datetime import timedelta
from urllib.parse import urlsplit

from tests.journeys.clock import eventually
from tests.journeys.people import PASSWORD, Family
from tests.journeys.sample import written
from tests.portal.conftest import Visiting
from tests.portal.second_steps import add_app
from tests.portal.site import Site
from tests.portal.visiting import PHONE, Visitor

AGAIN = "Le même mot de passe, encore une fois"


async def link_of(site: Site, email: str, subject: str = "") -> str:
    """The path of the link in the newest mail to that address."""
    mail = await site.letter(email, subject)
    link = urlsplit(next(word for word in mail["text"].split() if word.startswith(site.url)))
    return f"{link.path}?{link.query}"


async def invited(site: Site) -> tuple[str, str]:
    """A family that was sent its letter: its address and the link."""
    reference = site.next_reference()
    await site.aurore.invite(reference)
    email = site.aurore.sample.email(reference)
    return email, await link_of(site, email)


async def choose_password(visitor: Visitor, password: str = PASSWORD, again: str = "") -> None:
    await visitor.type("Mot de passe", password)
    await visitor.type(AGAIN, again or password)
    await visitor.press("S’enregistrer")


async def expire_codes(site: Site) -> None:
    """Every code sent so far is too old."""
    past = site.clock() - timedelta(days=1)
    files = site.preau.databases["identity"]["family_files"]
    await files.update_many({"invitation.expires_at": {"$type": "date"}}, {"$set": {"invitation.expires_at": past}})


async def has_letters(site: Site, email: str, count: int) -> bool:
    return len(await site.preau.mails(email)) == count


async def test_a_parent_follows_the_link_checks_the_file_and_is_welcomed(site: Site, phone: Visitor) -> None:
    _, link = await invited(site)

    assert await phone.open(link) == 200
    assert await phone.reads("Sainte-Aurore a fourni les informations ci-dessous", "12 caractères ou plus")
    await choose_password(phone)

    assert phone.path == "/bienvenue"
    assert await phone.reads("votre compte est créé", "Vous adhérez à : Sainte-Aurore")
    await phone.follow("Réserver pour mes enfants")
    assert await phone.reads("Restaurant scolaire")


async def test_an_error_stands_beside_its_field_and_what_was_typed_stays(site: Site, phone: Visitor) -> None:
    _, link = await invited(site)
    await phone.open(link)
    await phone.type("Nom de la famille", "Lefèvre-Martin")
    await phone.page.locator("[name='guardians.0.first_name']").fill("   ")

    await choose_password(phone)

    assert phone.last.status == 422
    name = phone.page.locator("[name='guardians.0.first_name']")
    assert await name.get_attribute("aria-invalid") == "true"
    described = await name.get_attribute("aria-describedby")
    assert await phone.page.locator(f"[id='{described}']").is_visible()
    assert await phone.page.get_by_label("Nom de la famille").input_value() == "Lefèvre-Martin"
    assert await phone.page.get_by_label("Mot de passe", exact=True).input_value() == ""
    assert (await phone.page.title()).startswith("À corriger")


async def test_a_weak_password_and_two_that_differ_are_said_at_the_password(site: Site, phone: Visitor) -> None:
    _, link = await invited(site)
    await phone.open(link)

    await choose_password(phone, "court")
    weak = await phone.page.locator("[id='wrong-password']").inner_text()
    await choose_password(phone, PASSWORD, again="autre chose encore")
    differ = await phone.page.locator("[id='wrong-again']").inner_text()

    assert "5 caractères" in weak
    assert "même mot de passe" in differ
    assert phone.last.status == 422


async def test_a_used_code_leads_to_signing_in(site: Site, family: Family, phone: Visitor) -> None:
    link = await link_of(site, family.email)

    assert await phone.open(link) == 409

    assert await phone.reads("Code déjà utilisé")
    await phone.follow("Se connecter", phone.page.locator("main"))
    assert await phone.page.get_by_label("Adresse e-mail").input_value() == family.email


async def test_after_an_expired_code_a_new_one_is_asked_for_and_works(site: Site, phone: Visitor) -> None:
    email, link = await invited(site)
    await expire_codes(site)
    assert await phone.open(link) == 410
    assert await phone.reads("Code expiré")

    await phone.press("M’envoyer un nouveau code")

    assert await phone.reads("un nouveau code est en route")
    await eventually("the second letter", lambda: has_letters(site, email, 2))
    assert await phone.open(await link_of(site, email)) == 200
    await choose_password(phone)
    assert phone.path == "/bienvenue"


async def test_a_code_may_be_typed_as_people_type(site: Site, phone: Visitor) -> None:
    email, link = await invited(site)
    code = link.partition("activationCode=")[2].partition("&")[0]
    await phone.open("/")
    await phone.follow("J’ai un code d’activation")

    await phone.type("Code d’activation", f" {code[:5].lower()} {code[5:]} ")
    await phone.type("Adresse e-mail qui l’a reçu", email.upper())
    await phone.press("Continuer")

    assert await phone.reads("1. Compte famille")


async def test_a_wrong_code_is_said_without_losing_what_was_typed(phone: Visitor) -> None:
    status = await phone.open("/createAccount?activationCode=ABCDEFGHIJ&email=personne@example.org")

    assert status == 404
    assert await phone.reads("Aucune invitation")
    assert await phone.page.get_by_label("Code d’activation").input_value() == "ABCDEFGHIJ"


async def test_an_account_serves_for_a_second_town_too(site: Site, family: Family, visits: Visiting) -> None:
    dore = await site.dore()
    row = {**dore.sample.rows("families.csv")[0], "email": family.email}
    await dore.upload(
        "/family-imports", written([{**row, "reference_famille": "X1", "reference_enfant": "X1-1"}]), invite="true"
    )
    await site.preau.heard.until("identity.invitation_issued.v1", 2, email=family.email)
    link = await link_of(site, family.email, "Le Val-Doré")

    async with visits(**PHONE) as parent:
        await parent.open(link)
        assert await parent.reads("Un compte existe déjà")
        await parent.follow("Se connecter pour continuer")
        await parent.type("Mot de passe", PASSWORD)
        await parent.press("Se connecter")
        await parent.press("Adhérer à Le Val-Doré")

        assert await parent.reads("Le Val-Doré", "Sainte-Aurore")


async def test_an_agent_registers_at_a_desk(site: Site, desk: Visitor) -> None:
    email = "odile.marchand@sainte-aurore.example"
    row = {"email": email, "nom": "Marchand", "prenom": "Odile", "roles": "editor"}
    await site.aurore.upload("/staff-imports", written([row]))

    await desk.open(await link_of(site, email))
    assert await desk.reads("Odile Marchand, Sainte-Aurore")
    await choose_password(desk)

    assert desk.path == "/second-facteur"
    await add_app(site, desk)
    await desk.follow("Je les ai conservés, continuer")
    assert desk.path == "/actualites"
    assert await desk.reads("Publier une actualité")

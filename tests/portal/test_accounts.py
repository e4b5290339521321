"""Accounts without an invitation: opening one, adding a town, a forgotten password, a second guardian, one's page."""

from uuid import uuid4

from tests.journeys.people import PASSWORD, Family
from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.site import Site
from tests.portal.test_registering import AGAIN, choose_password, link_of
from tests.portal.visiting import DESK, PHONE, Visitor

NEW_PASSWORD = "trois loutres dans la neige"


def address() -> str:
    return f"parent-{uuid4().hex[:12]}@example.org"


async def open_account(site: Site, visitor: Visitor, email: str) -> None:
    """By the form and the letter's link."""
    await visitor.open("/connexion")
    await visitor.follow("Ouvrir un compte sans code")
    await visitor.page.locator("#family_name").fill("Roussel")
    await visitor.page.locator("#email").fill(email)
    await visitor.page.locator("#first_name").fill("Inès")
    await visitor.page.locator("#last_name").fill("Roussel")
    await choose_password(visitor)
    assert await visitor.reads("Consultez vos e-mails", email)
    await visitor.open(await link_of(site, email))
    await visitor.type("Mot de passe", PASSWORD)
    await visitor.press("Ouvrir mon compte")


async def test_a_parent_opens_an_account_alone_and_adds_the_town_with_its_code(site: Site, phone: Visitor) -> None:
    email = address()
    await open_account(site, phone, email)

    assert phone.path == "/bienvenue"
    assert await phone.reads("Bonjour Inès", "Vous n’adhérez à aucune collectivité")
    code = await site.aurore.invite(site.next_reference())
    await phone.type("Code d’adhésion", f" {code[:5].lower()} {code[5:].lower()} ")
    await phone.press("Valider")

    assert await phone.reads("Vous adhérez à : Sainte-Aurore")


async def test_a_code_that_opens_nothing_says_what_to_do(site: Site, phone: Visitor) -> None:
    await open_account(site, phone, address())

    await phone.type("Code d’adhésion", "AAAAABBBBB")
    await phone.press("Valider")

    assert phone.path == "/adhesion"
    assert await phone.page.locator("main [role=alert]").inner_text()
    assert phone.last.status == 404


async def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(phone: Visitor) -> None:
    await phone.open("/inscription")
    await phone.page.locator("#family_name").fill("Roussel")
    await phone.page.locator("#email").fill(address())
    await phone.page.locator("#first_name").fill("Inès")
    await phone.page.locator("#last_name").fill("Roussel")
    await choose_password(phone, PASSWORD, "autre chose encore")

    assert phone.last.status == 422
    assert await phone.page.locator("#family_name").input_value() == "Roussel"
    assert await phone.reads("Saisissez le même mot de passe dans les deux champs")


async def test_who_has_an_account_already_is_told_by_mail_alone(site: Site, family: Family, phone: Visitor) -> None:
    await phone.open("/inscription")
    await phone.page.locator("#family_name").fill("Roussel")
    await phone.page.locator("#email").fill(family.email)
    await phone.page.locator("#first_name").fill("Inès")
    await phone.page.locator("#last_name").fill("Roussel")
    await choose_password(phone)

    assert await phone.reads("Consultez vos e-mails", family.email)
    assert "/connexion" in await link_of(site, family.email, "Vous avez déjà un compte")


async def test_a_forgotten_password_is_chosen_again_and_signs_every_device_out(
    site: Site, family: Family, phone: Visitor, visits: Visiting
) -> None:
    async with visits(as_person=family, **DESK) as desk:
        await phone.open("/connexion")
        await phone.follow("Mot de passe oublié")
        await phone.page.locator("#email").fill(family.email)
        await phone.press("M’envoyer le lien")
        await phone.open(await link_of(site, family.email, "nouveau mot de passe"))
        await phone.type("Mot de passe", NEW_PASSWORD)
        await phone.type(AGAIN, NEW_PASSWORD)
        await phone.press("Enregistrer ce mot de passe")
        assert await phone.reads("Tous les appareils ont été déconnectés")

        await phone.follow("Se connecter", phone.page.locator("main"))
        await phone.page.locator("#email").fill(family.email)
        await phone.type("Mot de passe", NEW_PASSWORD)
        await phone.press("Se connecter")
        assert phone.path == "/actualites"
        # What was granted before lapses by itself.
        site.clock.pass_time(minutes=11)
        await desk.open("/compte")
        assert desk.path == "/connexion"


async def test_a_link_serves_once(site: Site, family: Family, phone: Visitor) -> None:
    await phone.open("/mot-de-passe-oublie")
    await phone.page.locator("#email").fill(family.email)
    await phone.press("M’envoyer le lien")
    link = await link_of(site, family.email, "nouveau mot de passe")
    for _ in range(2):
        await phone.open(link)
        await phone.type("Mot de passe", NEW_PASSWORD)
        await phone.type(AGAIN, NEW_PASSWORD)
        await phone.press("Enregistrer ce mot de passe")

    assert phone.last.status >= 400
    assert await phone.page.locator("main [role=alert]").inner_text()


async def test_the_other_guardian_gets_an_access_of_their_own(site: Site, family: Family, phone: Visitor) -> None:
    household = await family.get("/household")
    guardians = household["guardians"]
    if len(guardians) == 1:
        other = {"civility": "M.", "first_name": "Noé", "last_name": "Roy", "phone": ""}
        guardians = (await family.post("/household/guardians", other))["guardians"]
    email = address()
    await family.post(f"/household/guardians/{guardians[1]['guardian_id']}/invitation", {"email": email})

    await phone.open(await link_of(site, email))
    await choose_password(phone)

    assert phone.path == "/bienvenue"
    assert await phone.reads("Vous adhérez à : Sainte-Aurore")


async def test_the_account_page_lists_towns_and_devices_and_signs_out_everywhere(
    site: Site, family: Family, parent: Visitor, visits: Visiting
) -> None:
    async with visits(as_person=family, **DESK) as desk:
        await parent.open("/compte")
        assert await parent.reads(f"Vous vous connectez avec {family.email}", "Sainte-Aurore", "celui-ci")
        await parent.press("Se déconnecter partout")

        assert parent.path == "/connexion"
        # What was granted before lapses by itself.
        site.clock.pass_time(minutes=11)
        await desk.open("/compte")
        assert desk.path == "/connexion"


async def test_leaving_a_town_leaves_the_account(parent: Visitor) -> None:
    await parent.open("/compte")
    await parent.press("Quitter Sainte-Aurore")

    assert await parent.reads("Vous n’adhérez à aucune collectivité")


async def test_the_archive_is_asked_for_and_fetched(site: Site, family: Family, phone: Visitor) -> None:
    await phone.open("/connexion")
    await phone.page.locator("#email").fill(family.email)
    await phone.type("Mot de passe", PASSWORD)
    await phone.press("Se connecter")
    await phone.open("/compte")
    await phone.press("Préparer mon archive")
    assert await phone.reads("Demandée le")
    await site.letter(family.email, "données")
    await phone.open("/compte")

    async with phone.page.expect_download() as download:
        await phone.page.get_by_role("link", name="Récupérer l’archive").click()

    assert (await download.value).suggested_filename.endswith(".zip")


async def test_how_these_pages_look(site: Site, family: Family, visits: Visiting) -> None:
    async with visits(scripts=True, **DESK) as visitor:
        looker = await Looker.beside(visitor)
        for path, name in (
            ("/inscription", "open-account"),
            ("/mot-de-passe-oublie", "forgotten"),
            ("/resetPassword?token=abc", "reset-password"),
            ("/verifyAccount?token=abc", "verify-account"),
            ("/confirmEmail?token=abc", "confirm-email"),
        ):
            await visitor.open(path)
            assert await looker.look(name) == []
    async with visits(as_person=family, scripts=True, **PHONE) as visitor:
        await visitor.open("/compte")
        assert await (await Looker.beside(visitor)).look("account") == []

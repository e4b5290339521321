"""Signing in and out, and where one is afterwards."""

from urllib.parse import quote

import pytest

from services.portal.api import SESSIONS
from tests.journeys.people import PASSWORD, Family
from tests.portal.conftest import Visiting
from tests.portal.site import Site
from tests.portal.visiting import DESK, PHONE, Visitor

ELSEWHERE = ("https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)")


@pytest.fixture(scope="module")
async def family(site: Site) -> Family:
    return await site.family()


async def sign_in(visitor: Visitor, email: str, password: str = PASSWORD) -> None:
    await visitor.type("Adresse e-mail", email)
    await visitor.type("Mot de passe", password)
    await visitor.press("Se connecter")


async def test_signing_in_shows_the_news(family: Family, phone: Visitor) -> None:
    await phone.open("/")
    await phone.follow("Se connecter", phone.page.locator("main"))

    await sign_in(phone, family.email)

    assert phone.path == "/actualites"


async def test_a_wrong_password_is_said_and_the_address_stays(family: Family, phone: Visitor) -> None:
    await phone.open("/connexion")

    await sign_in(phone, family.email, "mauvais mot de passe")

    assert phone.last.status == 401
    assert await phone.reads("ne correspondent pas")
    assert await phone.page.get_by_label("Adresse e-mail").input_value() == family.email
    assert await phone.page.get_by_label("Mot de passe").input_value() == ""


async def test_a_wrong_password_ends_nobody_elses_session(
    family: Family, parent: Visitor, site: Site, visits: Visiting
) -> None:
    """Somebody types into a browser where another session is open."""
    token = await parent.page.context.cookies()
    await parent.open("/reservations")
    answer = await parent.page.request.post(
        f"{site.url}/connexion",
        form={"email": family.email, "password": "mauvais", "csrf": await csrf_of(parent)},
        headers={"Origin": site.url},
    )

    assert answer.status == 401
    assert "ne correspondent pas" in await answer.text()
    assert await parent.page.context.cookies() == token


async def csrf_of(visitor: Visitor) -> str:
    return str(await visitor.page.locator("[name=csrf]").first.get_attribute("value"))


async def test_after_signing_in_one_is_where_one_wanted_to_go(family: Family, phone: Visitor) -> None:
    await phone.open("/factures")
    assert phone.path == "/connexion"
    assert await phone.reads("Connectez-vous pour voir cette page")

    await sign_in(phone, family.email, "mauvais mot de passe")
    await sign_in(phone, family.email)

    assert phone.path == "/factures"


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_signing_in_leads_to_no_other_site(address: str, family: Family, phone: Visitor) -> None:
    await phone.open(f"/connexion?retour={quote(address)}")

    await sign_in(phone, family.email)

    assert phone.path == "/actualites"


async def test_a_session_whose_tokens_were_revoked_leads_to_signing_in_and_back(
    site: Site, family: Family, parent: Visitor
) -> None:
    await parent.open("/reservations")
    await site.preau.databases["identity"]["sessions"].delete_many({})
    site.clock.pass_time(minutes=11)

    await parent.follow("Mes factures")

    assert parent.path == "/connexion"
    await sign_in(parent, family.email)
    assert parent.path == "/factures"


async def test_signing_out_ends_the_session_for_good(parent: Visitor, visits: Visiting) -> None:
    (cookie,) = await parent.context.cookies()
    await parent.open("/actualites")

    await parent.press("Se déconnecter")

    assert parent.path == "/"
    async with visits(**DESK) as thief:
        await thief.context.add_cookies([{"name": "preau", "value": cookie["value"], "url": thief.site.url}])
        await thief.open("/reservations")
        assert thief.path == "/connexion"


async def test_signing_out_with_a_full_cart_is_asked_once_more(site: Site, family: Family, parent: Visitor) -> None:
    await family.choose("sainte-aurore.repas", "2026-01-12")
    await parent.open("/actualites")

    await parent.press("Se déconnecter")
    assert await parent.reads("Votre panier n’est pas validé", "Lignes dans le panier : 1")
    await parent.press("Se déconnecter quand même")

    assert parent.path == "/"
    assert len((await family.get("/cart"))["lines"]) == 1
    await family.ask("DELETE", "/cart")


async def test_the_cookie_is_for_this_site_and_no_script(family: Family, phone: Visitor) -> None:
    await phone.open("/connexion")
    await sign_in(phone, family.email)

    (cookie,) = await phone.context.cookies()

    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == ("preau", True, "Lax", "/")
    assert await phone.site.app[SESSIONS].find(cookie["value"]) is not None


async def test_two_parents_at_two_screens_have_sessions_of_their_own(family: Family, visits: Visiting) -> None:
    async with visits(as_person=family, **PHONE) as one, visits(as_person=family, **DESK) as other:
        await one.open("/actualites")
        await other.open("/actualites")
        await one.press("Se déconnecter")

        await other.follow("Mes réservations")

        assert other.path == "/reservations"

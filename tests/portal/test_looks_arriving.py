"""Every page and state on the way in, looked at: landing, codes, registration, signing in, news, failures."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.people import Family
from tests.portal.conftest import Visiting
from tests.portal.looking import Looker
from tests.portal.site import Site
from tests.portal.test_news import editor, publish
from tests.portal.test_registering import choose_password, invited, link_of
from tests.portal.visiting import DESK


@pytest.fixture
async def stranger(visits: Visiting) -> AsyncIterator[Looker]:
    async with visits(scripts=True, **DESK) as visitor:
        yield await Looker.beside(visitor)


async def test_the_first_pages(stranger: Looker) -> None:
    visitor = stranger.visitor
    await visitor.open("/")
    assert await stranger.look("landing") == []
    await visitor.open("/factures")
    assert await stranger.look("sign-in") == []
    await visitor.type("Adresse e-mail", "personne@example.org")
    await visitor.type("Mot de passe", "mauvais mot de passe")
    await visitor.press("Se connecter")
    assert await stranger.look("sign-in-refused") == []
    await visitor.open("/nulle-part")
    assert await stranger.look("nothing-there") == []


async def test_codes(site: Site, family: Family, stranger: Looker) -> None:
    visitor = stranger.visitor
    await visitor.open("/createAccount")
    assert await stranger.look("code") == []
    await visitor.open(await link_of(site, family.email))
    assert await stranger.look("code-used") == []
    await visitor.press("M’envoyer un nouveau code")
    assert await stranger.look("code-asked-again") == []


async def test_registration(site: Site, stranger: Looker) -> None:
    visitor = stranger.visitor
    _, link = await invited(site)
    await visitor.open(link)
    assert await stranger.look("register") == []
    await visitor.page.locator("[name='guardians.0.first_name']").fill("  ")
    await choose_password(visitor)
    assert await stranger.look("register-refused") == []
    await visitor.page.locator("[name='guardians.0.first_name']").fill("Camille")
    await choose_password(visitor)
    assert await stranger.look("welcome") == []


async def test_news_of_a_family_and_of_an_editor(site: Site, family: Family, visits: Visiting) -> None:
    agent = await editor(site)
    async with visits(as_person=agent, scripts=True, **DESK) as visitor:
        await publish(visitor, "Menus de décembre", MENUS)
        looker = await Looker.beside(visitor)
        await publish(visitor, "Rien", "<script>x()</script>")
        assert await looker.look("news-refused") == []
    async with visits(as_person=family, scripts=True, **DESK) as visitor:
        await visitor.open("/actualites")
        assert await (await Looker.beside(visitor)).look("news") == []


MENUS = (
    "<p>Les menus sont affichés à l'école. <strong>Nouveauté</strong> : un repas végétarien par semaine.</p>"
    "<ul><li>Repas de fin d'année le jeudi 18 décembre</li><li>Réservation jusqu'au mardi 16 à 10 h</li></ul>"
    '<p>Une question ? <a href="mailto:enfance@sainte-aurore.example">Écrivez au service enfance</a>.</p>'
)

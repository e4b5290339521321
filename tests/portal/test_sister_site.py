"""One account, two sites: a family signs in at the sister site with what it has at the portal."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.journeys.clock import eventually
from tests.journeys.people import Family
from tests.portal.looking import Looker
from tests.portal.sister import Sister, beside, sign_in, wandering
from tests.portal.site import Site
from tests.portal.visiting import DESK, PHONE, Visitor


@pytest.fixture
async def sister(site: Site) -> AsyncIterator[Sister]:
    async with beside(site) as running:
        yield running


@pytest.fixture
async def parent(browser: Browser, sister: Sister) -> AsyncIterator[Visitor]:
    """On a phone, with scripts off: nothing but a passkey needs them."""
    async with wandering(browser, sister, scripts=False, **PHONE) as visitor:
        yield visitor


async def arrive(visitor: Visitor, sister: Sister, family: Family) -> None:
    """Signed in at the sister site, everything agreed to."""
    await visitor.open(sister.home)
    await visitor.follow("Se connecter avec mon compte famille")
    await sign_in(visitor, family.email, family.password)
    await visitor.press("Accepter et continuer")


async def test_a_family_signs_in_with_the_password_of_the_portal_and_agrees_once(
    sister: Sister, family: Family, parent: Visitor
) -> None:
    await parent.open(sister.home)
    await parent.follow("Se connecter avec mon compte famille")
    assert parent.page.url.startswith(f"{sister.provider}/oauth/sign-in")
    await sign_in(parent, family.email, family.password)
    assert await parent.reads("Continuer vers Espace de paiement", "votre adresse e-mail", family.email)
    await parent.press("Accepter et continuer")

    assert parent.page.url == f"{sister.home}/"
    me = await family.get("/me")
    assert await parent.reads(f"{me['first_name']} {me['last_name']}", family.email, me["account_id"])
    (agreed,) = await family.get("/me/consents")
    assert (agreed["client_id"], agreed["name"]) == ("sister", "Espace de paiement")


async def test_the_second_visit_asks_for_nothing(sister: Sister, family: Family, parent: Visitor) -> None:
    await arrive(parent, sister, family)
    await parent.context.clear_cookies(name="sister-session")
    await parent.open(sister.home)
    assert await parent.reads("Ce site vous reconnaît")

    await parent.follow("Se connecter avec mon compte famille")

    assert parent.page.url == f"{sister.home}/"
    assert await parent.reads("Bonjour", family.email)


async def test_signing_out_there_signs_out_here_once_the_person_says_so(
    sister: Sister, family: Family, parent: Visitor
) -> None:
    await arrive(parent, sister, family)

    await parent.press("Se déconnecter")
    assert await parent.reads("Se déconnecter ?")
    await parent.press("Se déconnecter")

    assert parent.page.url.startswith(f"{sister.home}/au-revoir")
    await parent.open(sister.home)
    await parent.follow("Se connecter avec mon compte famille")
    assert await parent.reads("Mot de passe")


async def test_leaving_everywhere_from_the_portal_leaves_the_sister_site_too(
    sister: Sister, family: Family, parent: Visitor
) -> None:
    await arrive(parent, sister, family)
    await parent.open(sister.home)
    assert await parent.reads("Bonjour")

    assert (await family.ask("DELETE", "/sessions")).status == 204

    async def is_out() -> bool:
        await parent.open(sister.home)
        return "Bonjour" not in await parent.page.locator("main").inner_text()

    await eventually("the sister site", is_out)


async def test_whoever_refuses_is_signed_in_nowhere(sister: Sister, family: Family, parent: Visitor) -> None:
    await parent.open(sister.home)
    await parent.follow("Se connecter avec mon compte famille")
    await sign_in(parent, family.email, family.password)

    await parent.press("Refuser")

    assert await parent.reads("Connexion impossible", "access_denied")


async def test_a_wrong_password_goes_no_further_and_says_what_to_do(
    sister: Sister, family: Family, parent: Visitor
) -> None:
    await parent.open(sister.home)
    await parent.follow("Se connecter avec mon compte famille")

    await sign_in(parent, family.email, "pas le bon mot de passe")

    assert await parent.reads("ne correspondent pas")
    await sign_in(parent, family.email, family.password)
    assert await parent.reads("Continuer vers Espace de paiement")


async def test_the_pages_hold_for_everybody(sister: Sister, family: Family, browser: Browser) -> None:
    async with wandering(browser, sister, **DESK) as visitor:
        looker = await Looker.beside(visitor)
        await visitor.open(f"{sister.home}/connexion")
        assert await looker.look("provider-sign-in") == []
        await sign_in(visitor, family.email, "pas le bon mot de passe")
        assert await looker.look("provider-sign-in-refused") == []
        await sign_in(visitor, family.email, family.password)
        assert await looker.look("provider-consent") == []
        await visitor.press("Accepter et continuer")
        await visitor.open(f"{sister.provider}/oauth/passkeys")
        assert await looker.look("provider-passkeys") == []
        await visitor.open(f"{sister.provider}/oauth/logout")
        assert await looker.look("provider-sign-out") == []
        await visitor.press("Se déconnecter")
        assert await looker.look("provider-signed-out") == []
        await visitor.open(f"{sister.provider}/oauth/authorize?client_id=inconnu")
        assert await looker.look("provider-unknown-site") == []


async def test_the_pages_are_read_in_english_too(sister: Sister, browser: Browser) -> None:
    async with wandering(browser, sister, **{**PHONE, "locale": "en-GB"}) as visitor:
        await visitor.open(f"{sister.home}/connexion")
        assert await visitor.reads("Sign in", "Sign in with a passkey")

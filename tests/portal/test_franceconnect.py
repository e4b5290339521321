"""FranceConnect in a browser without scripts: there and back under the strictest policy, in pages for everybody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Request

from services.identity.http.parts import PARTS
from tests.journeys.people import PASSWORD
from tests.portal.looking import Looker
from tests.portal.sister import sign_in
from tests.portal.site import Site
from tests.portal.visiting import DESK, PATIENCE_MS, PHONE, Visitor


@asynccontextmanager
async def parent_at(browser: Browser, site: Site, *, scripts: bool = False, **device: Any) -> AsyncIterator[Visitor]:
    """A visitor of our pages and FranceConnect's; complains at the end of what the browser complained of."""
    context = await browser.new_context(**{"locale": "fr-FR", "java_script_enabled": scripts, **device})
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(site=site, context=context, page=await context.new_page())
    known = {urlsplit(address).netloc for address in (provider(site), site.preau.addresses.franceconnect)}

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            visitor.faults.append(message.text)

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc not in known and not request.url.startswith("data:"):
            visitor.faults.append(f"a request to {request.url}")

    visitor.page.on("console", heard)
    visitor.page.on("request", asked)
    yield visitor
    await context.close()
    assert not visitor.faults, visitor.faults


def provider(site: Site) -> str:
    """Our own pages, as browsers reach them."""
    return site.preau.apps["identity"][PARTS].sites.public_url


@pytest.fixture
async def parent(browser: Browser, site: Site) -> AsyncIterator[Visitor]:
    async with parent_at(browser, site, **PHONE) as visitor:
        yield visitor


async def come(visitor: Visitor, given: str, family: str) -> None:
    """From the sign-in page by FranceConnect, as somebody who is not on its list."""
    await visitor.open(f"{provider(visitor.site)}/oauth/sign-in?next=/oauth/passkeys")
    await visitor.follow("S’identifier avec FranceConnect")
    assert visitor.page.url.startswith(visitor.site.preau.addresses.franceconnect)
    await visitor.type("Prénoms", given)
    await visitor.type("Nom de naissance", family)
    await visitor.type("Date de naissance", "1987-05-17")
    await visitor.press("Se connecter avec cette identité")


async def test_the_code_once_and_then_nothing_to_type(site: Site, parent: Visitor, browser: Browser) -> None:
    reference = site.next_reference()
    code, email = await site.aurore.invite(reference), site.aurore.sample.email(reference)
    await come(parent, "Zoé Marie", f"Durand-{reference}")
    assert await parent.reads(f"Bonjour Zoé Durand-{reference}", "Code d’adhésion")

    await parent.type("Code d’adhésion", code)
    await parent.type("Adresse électronique à laquelle il a été envoyé", email)
    await parent.type("Choisissez un mot de passe", PASSWORD)
    await parent.press("Ouvrir mon compte")
    assert await parent.reads("Vous êtes connecté", email)

    async with parent_at(browser, site, **PHONE) as again:
        await come(again, "Zoé Marie", f"Durand-{reference}")
        assert urlsplit(again.page.url).path == "/oauth/passkeys"
        assert await again.reads(email)
    letter = await site.letter(email, "FranceConnect")
    assert "FranceConnect" in letter["text"]


async def test_a_family_with_an_account_signs_in_once_links_unlinks_and_leaves(site: Site, parent: Visitor) -> None:
    family = await site.family()
    name = f"Martin-{family.reference}"
    await come(parent, "Lou", name)

    await parent.follow("Me connecter et lier")
    await sign_in(parent, family.email, family.password)
    assert await parent.reads("Lier FranceConnect à ce compte ?", family.email, f"Lou {name}")
    await parent.press("Faire le lien")
    assert await parent.reads(family.email)
    (link,) = (await family.get("/me/federations"))["items"]
    assert link["provider"] == "franceconnect"

    await parent.open(f"{provider(site)}/oauth/logout")
    await parent.press("Se déconnecter")
    assert await parent.reads("Vous êtes déconnecté")
    assert urlsplit(parent.page.url).path == "/oauth/signed-out"

    await come(parent, "Lou", name)
    await parent.open(f"{provider(site)}/oauth/franceconnect/link")
    await parent.press("Délier FranceConnect")
    assert (await family.get("/me/federations"))["items"] == []
    assert await parent.reads("Liez FranceConnect")


async def test_somebody_signed_in_links_from_their_account(site: Site, parent: Visitor) -> None:
    family = await site.family()
    await parent.open(f"{provider(site)}/oauth/franceconnect/link")
    await sign_in(parent, family.email, family.password)
    await parent.press("Lier FranceConnect")
    await parent.type("Prénoms", "Camille")
    await parent.type("Nom de naissance", f"Petit-{family.reference}")
    await parent.type("Date de naissance", "1990-01-01")
    await parent.press("Se connecter avec cette identité")

    assert await parent.reads("Votre compte est lié à FranceConnect")


async def test_turning_round_leads_back_to_the_sign_in(site: Site, parent: Visitor) -> None:
    await parent.open(f"{provider(site)}/oauth/sign-in?next=/oauth/passkeys")
    await parent.follow("S’identifier avec FranceConnect")
    await parent.press("Revenir au service sans se connecter")

    assert await parent.reads("FranceConnect n’est pas allé jusqu’au bout")
    await parent.follow("Revenir à la connexion")
    assert await parent.reads("Mot de passe")


async def test_the_pages_hold_for_everybody(site: Site, browser: Browser) -> None:
    family = await site.family()
    async with parent_at(browser, site, scripts=True, **DESK) as visitor:
        looker = await Looker.beside(visitor)
        await come(visitor, "Noé", f"Roux-{family.reference}")
        assert await looker.look("franceconnect-newcomer") == []
        await visitor.type("Code d’adhésion", "ZZZZZZZZZ9")
        await visitor.type("Adresse électronique à laquelle il a été envoyé", family.email)
        await visitor.type("Choisissez un mot de passe", PASSWORD)
        await visitor.press("Ouvrir mon compte")
        assert await looker.look("franceconnect-newcomer-refused") == []
        await visitor.follow("Me connecter et lier")
        await sign_in(visitor, family.email, family.password)
        assert await looker.look("franceconnect-confirmation") == []
        await visitor.press("Faire le lien")
        await visitor.open(f"{provider(site)}/oauth/franceconnect/link")
        assert await looker.look("franceconnect-linked") == []
        await visitor.open(f"{provider(site)}/oauth/franceconnect/callback?state=x")
        assert await looker.look("franceconnect-failed") == []

"""Passkeys and codes on the provider's pages, in a browser with an authenticator built in."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest
from playwright.async_api import Browser

from tests.journeys.office import TownHall
from tests.journeys.people import PASSWORD, Family
from tests.portal.looking import Looker
from tests.portal.sister import Sister, beside, sign_in, wandering
from tests.portal.site import Site
from tests.portal.visiting import DESK, PHONE, Visitor

PLATFORM = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
async def sister(site: Site) -> AsyncIterator[Sister]:
    async with beside(site) as running:
        yield running


@pytest.fixture
async def parent(browser: Browser, sister: Sister) -> AsyncIterator[Visitor]:
    async with wandering(browser, sister, **PHONE) as visitor:
        yield visitor


async def with_authenticator(visitor: Visitor, **changes: Any) -> tuple[Any, str]:
    """A phone that asks for its owner's finger, and gets it."""
    tools = await visitor.context.new_cdp_session(visitor.page)
    await tools.send("WebAuthn.enable")
    made = await tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**PLATFORM, **changes}})
    return tools, made["authenticatorId"]


async def add_passkey(visitor: Visitor, sister: Sister, email: str, password: str) -> None:
    await visitor.open(f"{sister.provider}/oauth/passkeys")
    await sign_in(visitor, email, password)
    await visitor.type("Un nom pour la reconnaître", "Mon téléphone")
    await visitor.press("Ajouter une clé d’accès")


async def test_a_passkey_is_added_and_signs_in_alone_and_is_removed(
    sister: Sister, family: Family, parent: Visitor
) -> None:
    tools, authenticator = await with_authenticator(parent)
    await add_passkey(parent, sister, family.email, family.password)
    assert await parent.reads("Vos codes de secours")
    assert await parent.page.locator(".codes li").count() == 10
    await parent.follow("Je les ai gardés")
    assert await parent.reads("Mon téléphone")
    kept = await tools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    assert [one["rpId"] for one in kept["credentials"]] == ["localhost"]

    await parent.context.clear_cookies()
    await parent.open(f"{sister.home}/connexion")
    await parent.press("Se connecter avec une clé d’accès")
    await parent.press("Accepter et continuer")
    assert await parent.reads("Bonjour", family.email)

    await parent.open(f"{sister.provider}/oauth/passkeys")
    await parent.press("Retirer Mon téléphone")
    assert await parent.page.get_by_text("Mon téléphone").count() == 0


async def test_after_the_password_a_passkey_is_the_second_step(sister: Sister, family: Family, parent: Visitor) -> None:
    await with_authenticator(parent)
    await add_passkey(parent, sister, family.email, family.password)
    await parent.context.clear_cookies()
    await parent.open(f"{sister.home}/connexion")

    await sign_in(parent, family.email, family.password)
    assert await parent.reads("Encore une étape")
    await parent.press("Utiliser votre clé d’accès")
    await parent.press("Accepter et continuer")

    assert await parent.reads("Bonjour", family.email)


async def test_a_phone_without_the_passkey_says_so_and_leaves_the_password(
    sister: Sister, family: Family, parent: Visitor
) -> None:
    await with_authenticator(parent, isUserVerified=False)
    await parent.open(f"{sister.home}/connexion")

    await parent.page.get_by_role("button", name="Se connecter avec une clé d’accès").click()

    await parent.page.get_by_text("La clé d’accès n’a pas été utilisée").wait_for()
    await sign_in(parent, family.email, family.password)
    assert await parent.reads("Continuer vers Espace de paiement")


async def test_an_agent_without_a_second_factor_gets_one_on_the_way_and_the_pages_hold_for_everybody(
    site: Site, sister: Sister, browser: Browser
) -> None:
    email = await hired(site.aurore)
    async with wandering(browser, sister, **DESK) as agent:
        looker = await Looker.beside(agent)
        await agent.open(f"{sister.home}/connexion")
        await sign_in(agent, email, PASSWORD)
        assert await looker.look("provider-enrolment") == []
        await agent.press("Commencer")
        assert await looker.look("provider-authenticator") == []
        key = re.search(r"\b[A-Z2-7]{32}\b", await agent.page.locator("main").inner_text())
        assert key
        app = pyotp.TOTP(key.group())
        await agent.type("Code que l’application affiche maintenant", app.at(site.clock()))
        await agent.press("Confirmer")
        assert await looker.look("provider-recovery-codes") == []
        await agent.follow("Je les ai gardés")
        await agent.press("Accepter et continuer")
        assert await agent.reads("Bonjour", email)

        site.clock.pass_time(minutes=1)
        await agent.context.clear_cookies()
        await agent.open(f"{sister.home}/connexion")
        await sign_in(agent, email, PASSWORD)
        assert await looker.look("provider-second-step") == []
        await agent.type("Code de votre application d’authentification", app.at(site.clock()))
        await agent.press("Continuer")
        assert await agent.reads("Bonjour", email)


async def hired(hall: TownHall) -> str:
    """An agent who chose a password and nothing else."""
    email = "nouvelle.recrue@sainte-aurore.example"
    table = f"email;nom;prenom;roles\n{email};Martin;Camille;editor\n"
    await hall.upload("/staff-imports", table.encode())
    letters = await hall.preau.heard.until("identity.invitation_issued.v1", email=email)
    form = {"code": letters[-1]["data"]["code"], "email": email, "password": PASSWORD}
    await hall.preau.anyone.post("/agent-registrations", form)
    return email

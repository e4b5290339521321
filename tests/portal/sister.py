"""The sister site beside a Préau, registered there, and people at browsers who go from one to the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Request

from deploy.local.ports import LOOPBACK, free
from deploy.sandbox.app import sister_site
from deploy.sandbox.settings import Settings
from services.identity.domain.sites import SiteFile
from services.identity.http.parts import PARTS, Parts
from services.identity.usecases.register_site import register_site
from tests.portal.site import Site
from tests.portal.visiting import PATIENCE_MS, Visitor

SECRET = "le-secret-du-site-de-paiement-tire-au-sort"


@dataclass(frozen=True, kw_only=True)
class Sister:
    """`home`: its address; `provider`: Préau's own pages, as browsers reach them."""

    site: Site
    home: str
    provider: str

    @property
    def parts(self) -> Parts:
        return self.site.preau.apps["identity"][PARTS]


@asynccontextmanager
async def beside(site: Site) -> AsyncIterator[Sister]:
    (port,) = free(1)
    home = f"http://{LOOPBACK}:{port}"
    parts = site.preau.apps["identity"][PARTS]
    described = {
        "client_id": "sister",
        "name": "Espace de paiement",
        "redirect_uris": [f"{home}/retour"],
        "post_logout_redirect_uris": [f"{home}/au-revoir"],
        "backchannel_logout_uri": f"{home}/fin-de-session",
        "scopes": ["openid", "profile", "email"],
        "secret": SECRET,
    }
    await register_site(SiteFile.model_validate(described), clients=parts.clients, clock=site.clock)
    settings = Settings(
        sister_port=port,
        sister_public_url=home,
        sister_issuer=parts.sites.public_url,
        sister_inside=site.gateway,
        sister_client_secret=SECRET,
    )
    async with sister_site(settings, site.clock):
        yield Sister(site=site, home=home, provider=parts.sites.public_url)


@asynccontextmanager
async def wandering(browser: Browser, sister: Sister, *, scripts: bool = True, **device: Any) -> AsyncIterator[Visitor]:
    """A visitor of both sites; complains at the end of what the browser complained of."""
    context = await browser.new_context(**{"locale": "fr-FR", "java_script_enabled": scripts, **device})
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(site=sister.site, context=context, page=await context.new_page())
    known = {urlsplit(address).netloc for address in (sister.home, sister.provider)}

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            visitor.faults.append(message.text)

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc not in known and not request.url.startswith("data:"):
            visitor.faults.append(f"a request to {request.url}")

    visitor.page.on("console", heard)
    visitor.page.on("request", asked)
    visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
    yield visitor
    await context.close()
    assert not visitor.faults, visitor.faults


async def sign_in(visitor: Visitor, email: str, password: str) -> None:
    """On Préau's own page."""
    await visitor.type("E-mail", email)
    await visitor.type("Mot de passe", password)
    await visitor.press("Se connecter")

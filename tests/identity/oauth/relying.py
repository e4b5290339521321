"""A site that signs people in with Préau: it sends browsers, exchanges codes, and believes nothing unverified."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import KeySet

from services.identity.domain.sites import SiteFile
from services.identity.usecases.register_site import register_site
from tests.identity.conftest import Door
from tests.identity.oauth.browser import PUBLIC, Browser, Page
from tests.identity.samples import MAIL, PASSWORD

BACK = "https://paiement.example/retour"
LEFT = "https://paiement.example/au-revoir"
SCOPES = ("openid", "profile", "email", "phone", "offline_access", "preau")


@dataclass
class Site:
    door: Door
    client_id: str
    secret: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def request(self, scope: str = "openid profile email", **changes: str | None) -> dict[str, str]:
        """The authorization request, with `changes`; None leaves a parameter out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "scope": scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def address(self, scope: str = "openid profile email", **changes: str | None) -> str:
        return f"/oauth/authorize?{urlencode(self.request(scope, **changes))}"

    async def exchange(self, code: str, **changes: Any) -> tuple[int, dict[str, Any]]:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "code_verifier": self.verifier,
            **changes,
        }
        return await self.token({name: value for name, value in asked.items() if value is not None})

    async def refresh(self, token: str, **changes: str) -> tuple[int, dict[str, Any]]:
        return await self.token({"grant_type": "refresh_token", "refresh_token": token, **changes})

    async def token(self, asked: dict[str, str], path: str = "/oauth/token") -> tuple[int, dict[str, Any]]:
        """As the site's own server asks, with its secret."""
        headers = {"Authorization": basic(self.client_id, self.secret)} if self.secret else {}
        asked = asked if self.secret else {"client_id": self.client_id, **asked}
        answer = await self.door.client.post(path, data=asked, headers=headers)
        return answer.status, await answer.json()

    async def claims(self, id_token: str) -> dict[str, Any]:
        """Of an ID token, verified as a site has to."""
        answer = await self.door.client.get("/.well-known/jwks.json")
        keys = KeySet.import_key_set(await answer.json(content_type=None))
        read = jwt.decode(id_token, keys, algorithms=["ES256"])
        assert (read.claims["iss"], read.claims["aud"]) == (PUBLIC, self.client_id)
        return dict(read.claims)

    async def userinfo(self, access_token: str, method: str = "GET") -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {access_token}"}
        answer = await self.door.client.request(method, "/oauth/userinfo", headers=headers)
        return answer.status, await answer.json()

    # --- with a person at a browser ---------------------------------------------------------------------------------

    async def visit(self, browser: Browser, address: str = "", email: str = MAIL, password: str = PASSWORD) -> Page:
        """Sent here, signed in, agreed: what the browser takes back."""
        page = await browser.follow(await browser.get(address or self.address()))
        if page.status == 200 and 'action="/oauth/sign-in"' in page.text:
            page = await browser.follow(await browser.send(page, "/oauth/sign-in", email=email, password=password))
        if page.status == 200 and 'action="/oauth/consent"' in page.text:
            page = await browser.follow(await browser.send(page, "/oauth/consent", decision="agree"))
        return page

    async def signs_in(self, browser: Browser, scope: str = "openid profile email") -> dict[str, Any]:
        """The tokens."""
        page = await self.visit(browser, self.address(scope))
        status, tokens = await self.exchange(page.answer["code"])
        assert status == 200, tokens
        return tokens


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def registered(door: Door, client_id: str = "paiement", **changes: Any) -> Site:
    """A site the operator registered."""
    described = {
        "client_id": client_id,
        "name": "Site de paiement",
        "redirect_uris": (BACK,),
        "post_logout_redirect_uris": (LEFT,),
        "backchannel_logout_uri": "https://paiement.example/deconnexion",
        "scopes": SCOPES,
        **changes,
    }
    done = await register_site(SiteFile.model_validate(described), clients=door.parts.clients, clock=door.parts.clock)
    return Site(door, client_id, done.secret or "")

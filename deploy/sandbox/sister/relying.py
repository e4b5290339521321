"""What a site has to do to sign people in with Préau (OpenID Connect, code with PKCE), and not a line more.

Copy it: it needs aiohttp and joserfc only. Everything that comes back through a browser is checked before it is
believed: the state, who answers (`iss`), the nonce, the signature of every token.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.clock import Clock

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
SKEW_SECONDS = 30


class NotBelieved(Exception):
    """Something came back that does not belong together; nobody is signed in. Its word says what."""


@dataclass(frozen=True, kw_only=True)
class Departure:
    """What the browser left with; kept here until it comes back."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody signed in; `session` names the sign-in at Préau, for the day it ends."""

    subject: str
    session: str
    name: str
    email: str
    id_token: str


@dataclass(frozen=True, kw_only=True)
class Relying:
    """`issuer`: Préau as browsers see it; `inside`: the same, as this server reaches it; `home`: this site."""

    http: aiohttp.ClientSession
    issuer: str
    inside: str
    home: str
    client_id: str
    secret: str
    clock: Clock

    def way_in(self, departure: Departure) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": f"{self.home}/retour",
            "scope": "openid profile email",
            "state": departure.state,
            "nonce": departure.nonce,
            "code_challenge": departure.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.issuer}/oauth/authorize?{urlencode(asked)}"

    def way_out(self, visitor: Visitor) -> str:
        asked = {"id_token_hint": visitor.id_token, "post_logout_redirect_uri": f"{self.home}/au-revoir"}
        return f"{self.issuer}/oauth/logout?{urlencode(asked)}"

    async def arrive(self, returned: Mapping[str, str], departure: Departure) -> Visitor:
        """The browser is back. Raises `NotBelieved`."""
        if not secrets.compare_digest(returned.get("state", ""), departure.state):
            raise NotBelieved("state")
        if returned.get("iss") != self.issuer:
            raise NotBelieved("iss")
        if "code" not in returned:
            raise NotBelieved(returned.get("error", "code"))
        tokens = await self._exchange(returned["code"], departure)
        claims = await self._claims(tokens["id_token"], "JWT")
        if claims.get("nonce") != departure.nonce:
            raise NotBelieved("nonce")
        person = await self._person(tokens["access_token"])
        if person.get("sub") != claims["sub"]:
            raise NotBelieved("sub")
        return Visitor(
            subject=claims["sub"],
            session=claims["sid"],
            name=person["name"],
            email=person["email"],
            id_token=tokens["id_token"],
        )

    async def ended(self, logout_token: str) -> str:
        """The sign-in at Préau that is over. Raises `NotBelieved`."""
        claims = await self._claims(logout_token, "logout+jwt")
        if LOGOUT_EVENT not in claims.get("events", {}) or "nonce" in claims:
            raise NotBelieved("events")
        return str(claims["sid"])

    async def _exchange(self, code: str, departure: Departure) -> dict[str, Any]:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{self.home}/retour",
            "code_verifier": departure.verifier,
        }
        headers = {"Authorization": aiohttp.encode_basic_auth(self.client_id, self.secret)}
        async with self.http.post(f"{self.inside}/oauth/token", data=sent, headers=headers) as answer:
            if answer.status != 200:
                raise NotBelieved("token")
            tokens: dict[str, Any] = await answer.json()
        return tokens

    async def _person(self, access_token: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {access_token}"}
        async with self.http.get(f"{self.inside}/oauth/userinfo", headers=headers) as answer:
            if answer.status != 200:
                raise NotBelieved("userinfo")
            person: dict[str, Any] = await answer.json()
        return person

    async def _claims(self, token: str, kind: str) -> dict[str, Any]:
        async with self.http.get(f"{self.inside}/.well-known/jwks.json") as answer:
            keys = KeySet.import_key_set(await answer.json(content_type=None))
        checks = jwt.JWTClaimsRegistry(
            now=lambda: int(self.clock().timestamp()),
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
        )
        try:
            read = jwt.decode(token, keys, algorithms=["ES256"])
            checks.validate(read.claims)
        except (JoseError, ValueError):
            raise NotBelieved("token") from None
        if read.header.get("typ") != kind:
            raise NotBelieved("typ")
        return dict(read.claims)

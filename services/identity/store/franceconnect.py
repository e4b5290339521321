"""The FranceConnect v2 client: discovery, code with PKCE, signed ID token, signed userinfo.

Source: docs.partenaires.franceconnect.gouv.fr (endpoints under /api/v2, ES256 or RS256, userinfo as a JWT, eidas1),
OpenID Connect Core 3.1 and Discovery 1.0, RFC 7636, RFC 9207.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.identity.domain.federations import (
    ACCEPTED_LEVELS,
    Departure,
    FranceConnectDown,
    FranceConnectOff,
    FranceConnectUntrusted,
    PivotIdentity,
)
from shared.clock import Clock

log = structlog.get_logger()
SCOPE = "openid given_name family_name birthdate"
LEVEL = "eidas1"
ALGORITHMS = ["ES256", "RS256"]
FRESH_FOR = timedelta(hours=1)
REFETCH_AFTER = timedelta(seconds=10)
CLOCK_SKEW_SECONDS = 30
LARGEST_ANSWER = 64 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=8, sock_connect=3)
JWT = "application/jwt"


class Distrusted(ValueError):
    """Said in the log, never to the caller; names what is wrong and no value."""


@dataclass(frozen=True, kw_only=True)
class Relying:
    """What FranceConnect knows this installation by; `issuer` is empty when there is none."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    post_logout_redirect_uri: str


class FranceConnectClient:
    def __init__(self, relying: Relying, clock: Clock) -> None:
        self._relying = relying
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._metadata: tuple[dict[str, Any], datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None
        self._fetching = asyncio.Lock()

    @property
    def configured(self) -> bool:
        return bool(self._relying.issuer)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def address(self, departure: Departure, state: str) -> str:
        """Raises `FranceConnectOff`, `FranceConnectDown`, `FranceConnectUntrusted`."""
        metadata = await self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self._relying.client_id,
            "redirect_uri": self._relying.redirect_uri,
            "scope": SCOPE,
            "acr_values": LEVEL,
            "state": state,
            "nonce": departure.nonce,
        }
        if "S256" in metadata.get("code_challenge_methods_supported", ()):
            asked |= {"code_challenge": _challenge(departure.verifier), "code_challenge_method": "S256"}
        return f"{metadata['authorization_endpoint']}?{urlencode(asked)}"

    async def authorization_page(self) -> str:
        """The page it begins with. Raises `FranceConnectDown`, `FranceConnectUntrusted`."""
        return str((await self._discovered())["authorization_endpoint"])

    async def identity(self, code: str, departure: Departure, issuer: str) -> tuple[PivotIdentity, str]:
        """Raises `FranceConnectDown`, `FranceConnectUntrusted`."""
        try:
            return await self._identity(code, departure, issuer)
        except (Distrusted, JoseError, ValueError, KeyError, TypeError) as error:
            # Of a library's message only its kind: it may quote a claim.
            reason = str(error) if isinstance(error, Distrusted) else type(error).__name__
            log.warning("franceconnect_distrusted", reason=reason)
            raise FranceConnectUntrusted() from None

    async def farewell(self, hint: str, state: str) -> str:
        """Where to send a browser so that it is signed out there too."""
        end = (await self._discovered()).get("end_session_endpoint", "")
        asked = {
            "id_token_hint": hint,
            "state": state,
            "post_logout_redirect_uri": self._relying.post_logout_redirect_uri,
        }
        return f"{end}?{urlencode(asked)}" if end else ""

    async def _identity(self, code: str, departure: Departure, issuer: str) -> tuple[PivotIdentity, str]:
        metadata = await self._discovered()
        self._check_sender(metadata, issuer)
        tokens = await self._redeem(metadata, code, departure)
        claims = await self._verified(tokens["id_token"])
        self._check_visit(claims, departure)
        person = await self._verified(await self._userinfo(metadata, tokens["access_token"]))
        if person["sub"] != claims["sub"]:
            raise Distrusted("userinfo of somebody else")
        pivot = PivotIdentity(
            issuer=self._relying.issuer,
            sub=claims["sub"],
            given_name=str(person.get("given_name", "")),
            family_name=str(person.get("family_name", "")),
        )
        return pivot, tokens["id_token"]

    def _check_sender(self, metadata: Mapping[str, Any], issuer: str) -> None:
        """RFC 9207: an answer of another provider must not be redeemed at this one."""
        if issuer and issuer != self._relying.issuer:
            raise Distrusted("another issuer answered")
        if metadata.get("authorization_response_iss_parameter_supported") and not issuer:
            raise Distrusted("no issuer in the answer")

    def _check_visit(self, claims: Mapping[str, Any], departure: Departure) -> None:
        if claims.get("nonce") != departure.nonce:
            raise Distrusted("nonce of another visit")
        if claims.get("acr") not in ACCEPTED_LEVELS:
            raise Distrusted("level too low")
        if "exp" not in claims:
            raise Distrusted("no end")

    async def _redeem(self, metadata: Mapping[str, Any], code: str, departure: Departure) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._relying.redirect_uri,
            "client_id": self._relying.client_id,
            "client_secret": self._relying.client_secret,
        }
        if "S256" in metadata.get("code_challenge_methods_supported", ()):
            form["code_verifier"] = departure.verifier
        _, body = await self._ask("POST", metadata["token_endpoint"], data=form)
        tokens = json.loads(body)
        return {name: str(tokens[name]) for name in ("id_token", "access_token")}

    async def _userinfo(self, metadata: Mapping[str, Any], access_token: str) -> str:
        headers = {"Authorization": f"Bearer {access_token}"}
        kind, body = await self._ask("GET", metadata["userinfo_endpoint"], headers=headers)
        if kind != JWT:
            raise Distrusted("userinfo is not signed")
        return body.decode("ascii")

    async def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that FranceConnect signed for this installation. `kid` only chooses among its keys."""
        try:
            decoded = jwt.decode(token, await self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            decoded = jwt.decode(token, await self._key_set(refetch=True), algorithms=ALGORITHMS)
        self._registry().validate(decoded.claims)
        audience = decoded.claims["aud"]
        if isinstance(audience, list) and audience != [self._relying.client_id]:
            raise Distrusted("for others too")
        return decoded.claims

    def _registry(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock().timestamp()),
            leeway=CLOCK_SKEW_SECONDS,
            iss={"essential": True, "value": self._relying.issuer},
            aud={"essential": True, "value": self._relying.client_id},
            sub={"essential": True},
        )

    async def _discovered(self) -> dict[str, Any]:
        if not self.configured:
            raise FranceConnectOff()
        async with self._fetching:
            if self._metadata and self._clock() - self._metadata[1] < FRESH_FOR:
                return self._metadata[0]
            _, body = await self._ask("GET", f"{self._relying.issuer}/.well-known/openid-configuration")
            metadata = _checked(body, self._relying.issuer)
            self._metadata = (metadata, self._clock())
            return metadata

    async def _key_set(self, *, refetch: bool = False) -> KeySet:
        metadata = await self._discovered()
        async with self._fetching:
            age = self._clock() - self._keys[1] if self._keys else None
            limit = REFETCH_AFTER if refetch else FRESH_FOR
            if self._keys is None or age is None or age >= limit:
                _, body = await self._ask("GET", metadata["jwks_uri"])
                self._keys = (KeySet.import_key_set(json.loads(body)), self._clock())
            return self._keys[0]

    async def _ask(self, method: str, address: str, **sent: Any) -> tuple[str, bytes]:
        """Media type and body of a good answer; no redirect is followed. Raises `FranceConnectDown`, `Distrusted`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.request(method, address, allow_redirects=False, **sent) as answer:
                body = await answer.content.read(LARGEST_ANSWER + 1)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("franceconnect_unreachable", error=type(error).__name__)
            raise FranceConnectDown() from None
        if answer.status >= 500:
            raise FranceConnectDown()
        if answer.status != 200 or len(body) > LARGEST_ANSWER:
            raise Distrusted(f"answered {answer.status}")
        return answer.content_type, body


def _checked(body: bytes, issuer: str) -> dict[str, Any]:
    """Raises `FranceConnectUntrusted` when it is not that issuer's own description."""
    try:
        metadata = json.loads(body)
        if metadata["issuer"] != issuer:
            raise Distrusted("description of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
            if not str(metadata[name]).startswith(("https://", "http://")):
                raise Distrusted("no address")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("franceconnect_distrusted", reason=type(error).__name__)
        raise FranceConnectUntrusted() from None
    return dict(metadata)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

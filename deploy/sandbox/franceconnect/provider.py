"""What FranceConnect accepts, remembers and signs. Source: docs.partenaires.franceconnect.gouv.fr, its v2 endpoints."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.sandbox.franceconnect.people import Person
from shared.clock import Clock

API = "/api/v2"
LEVEL = "eidas1"
SHORTEST = 22
CODE_LIFE = timedelta(seconds=30)
TOKEN_LIFE = timedelta(seconds=60)
SCOPES: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in ("given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry")},
    "email": ("email",),
    "profile": ("given_name", "family_name", "birthdate", "gender"),
    "identite_pivot": ("given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry"),
}


class Refusal(Exception):
    """`error` as OAuth names it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error, self.description = error, description


@dataclass(frozen=True, kw_only=True)
class Site:
    """The one site that is known; `back` and `signed_out`: empty accepts any address of this machine."""

    client_id: str
    client_secret: str
    back: str = ""
    signed_out: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request to sign somebody in that was found in order."""

    redirect_uri: str
    state: str
    nonce: str
    scopes: frozenset[str]
    challenge: str = ""


@dataclass(frozen=True, kw_only=True)
class Given:
    asked: Asked
    person: Person
    until: datetime


class Provider:
    """`issuer` is set once the port is known."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self.site = site
        self.issuer = ""
        self._clock = clock
        self._key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self._codes: dict[str, Given] = {}
        self._tokens: dict[str, Given] = {}

    def description(self) -> dict[str, Any]:
        base = self.issuer
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks_uri": f"{base}/jwks",
            "end_session_endpoint": f"{base}/session/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": ["openid", *SCOPES],
            "acr_values_supported": [LEVEL],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "userinfo_signing_alg_values_supported": ["ES256", "RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self._key]).as_dict(private=False))

    def read(self, query: Mapping[str, str]) -> Asked:
        """Raises `Refusal`."""
        if query.get("client_id") != self.site.client_id or not is_own(query.get("redirect_uri", ""), self.site.back):
            raise Refusal("invalid_client", "site ou adresse de retour inconnus")
        for name, right in (("response_type", "code"), ("acr_values", LEVEL)):
            if query.get(name) != right:
                raise Refusal("invalid_request", f"{name} doit valoir {right}")
        for name in ("state", "nonce"):
            if len(query.get(name, "")) < SHORTEST:
                raise Refusal("invalid_request", f"{name} : {SHORTEST} caractères au moins")
        scopes = frozenset(query.get("scope", "").split())
        if "openid" not in scopes or not scopes <= {"openid", *SCOPES}:
            raise Refusal("invalid_scope", "scope doit contenir openid et rien d'inconnu")
        if query.get("code_challenge_method", "S256") != "S256":
            raise Refusal("invalid_request", "code_challenge_method doit valoir S256")
        return Asked(
            redirect_uri=query["redirect_uri"],
            state=query["state"],
            nonce=query["nonce"],
            scopes=scopes,
            challenge=query.get("code_challenge", ""),
        )

    def give_code(self, asked: Asked, person: Person) -> str:
        code = secrets.token_urlsafe(32)
        self._codes[code] = Given(asked=asked, person=person, until=self._clock() + CODE_LIFE)
        return code

    def redeem(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Raises `Refusal`; a code serves once."""
        secret = hmac.compare_digest(form.get("client_secret", "").encode(), self.site.client_secret.encode())
        if form.get("client_id") != self.site.client_id or not secret:
            raise Refusal("invalid_client", "client ou secret incorrect")
        given = self._codes.pop(form.get("code", ""), None)
        if given is None or given.until < self._clock() or form.get("redirect_uri") != given.asked.redirect_uri:
            raise Refusal("invalid_grant", "code inconnu, déjà utilisé ou périmé")
        if given.asked.challenge and _challenge(form.get("code_verifier", "")) != given.asked.challenge:
            raise Refusal("invalid_grant", "code_verifier incorrect")
        token = secrets.token_urlsafe(32)
        self._tokens[token] = Given(asked=given.asked, person=given.person, until=self._clock() + TOKEN_LIFE)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": " ".join(sorted(given.asked.scopes)),
            "id_token": self.sign(self.visit(given)),
        }

    def tell(self, token: str) -> str:
        """The signed userinfo. Raises `Refusal`."""
        given = self._tokens.get(token)
        if given is None or given.until < self._clock():
            raise Refusal("invalid_token", "jeton inconnu ou périmé")
        return self.sign(self.facts(given))

    def visit(self, given: Given) -> dict[str, Any]:
        """The claims of the ID token."""
        facts = {"nonce": given.asked.nonce, "acr": LEVEL, "amr": ["pwd"], "auth_time": self._now()}
        return {**self._about(given), **facts}

    def facts(self, given: Given) -> dict[str, Any]:
        """The claims of the userinfo: what the scopes ask for."""
        wanted = {name for scope in given.asked.scopes for name in SCOPES.get(scope, ())}
        known = {name: value for name, value in vars(given.person).items() if name in wanted and value}
        return {**self._about(given), **known}

    def sign(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "kid": self._key.kid, "typ": "JWT"}, dict(claims), self._key)

    def _about(self, given: Given) -> dict[str, Any]:
        now = self._now()
        return {
            "iss": self.issuer,
            "aud": self.site.client_id,
            "sub": given.person.sub(self.site.client_id),
            "iat": now,
            "exp": now + 60,
        }

    def _now(self) -> int:
        return int(self._clock().timestamp())


def is_own(address: str, registered: str) -> bool:
    """Exactly what was registered; without a registration any address of this machine."""
    if registered:
        return address == registered
    return address.startswith(("http://127.0.0.1:", "http://localhost:"))


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

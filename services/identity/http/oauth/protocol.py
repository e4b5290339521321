"""The rules of OAuth 2.0 and OpenID Connect, by authlib: on facts read beforehand, and changing nothing.

authlib asks its hooks synchronously. What they need is therefore read first (`Facts`), and what they decide is
written afterwards, by use cases whose conditional writes have the last word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    InvalidRequestError,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import ECKey

from services.identity.domain.claims import amr
from services.identity.domain.clients import SITE, Client
from services.identity.domain.grants import Code, Grant
from services.identity.store import SiteTokens
from services.identity.store.site_tokens import ALGORITHM, ID_TOKEN_TYPE
from services.identity.usecases.granting import Given

SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
METHODS = [*SECRET_METHODS, "none"]
GRANT_TYPES = {SITE: ("authorization_code", "refresh_token")}
S256 = "S256"


@dataclass(kw_only=True)
class Facts:
    """What is known before the rules are asked, and `given` once a use case granted it.

    `reused`: a code or a refresh token came that had served before.
    """

    now: datetime
    client: Client | None = None
    code: Code | None = None
    grant: Grant | None = None
    presented: str = ""
    given: Given | None = None
    new_code: str = ""
    reused: bool = False


class KnownClient(ClientMixin):
    def __init__(self, client: Client, now: datetime) -> None:
        self.known = client
        self._now = now

    def get_client_id(self) -> str:
        return self.known.id

    def get_default_redirect_uri(self) -> None:
        """Every request names where it goes back to, as it was registered."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All that was asked, or nothing: None refuses the request."""
        asked = frozenset((scope or "").split())
        return " ".join(sorted(asked)) if asked and asked <= self.known.scopes else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.known.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return self.known.accepts(client_secret, self._now)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whoever has a secret shows it; a partner always has one."""
        needs_secret = self.known.confidential or self.known.kind != SITE
        return method in SECRET_METHODS if needs_secret else method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return self.known.kind == SITE and response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES.get(self.known.kind, ("client_credentials",))


class KnownCode(AuthorizationCodeMixin):
    def __init__(self, code: Code) -> None:
        self.known = code
        self.code_challenge = code.code_challenge
        self.code_challenge_method = S256

    def get_redirect_uri(self) -> str:
        return self.known.redirect_uri

    def get_scope(self) -> str:
        return " ".join(sorted(self.known.scopes))

    def get_nonce(self) -> str:
        return self.known.nonce

    def get_auth_time(self) -> int:
        return int(self.known.authenticated_at.timestamp())

    def get_acr(self) -> None:
        """No level of assurance is claimed: `amr` says what was shown."""

    def get_amr(self) -> list[str]:
        return amr(self.known.methods)


class KnownGrant(TokenMixin):
    def __init__(self, grant: Grant) -> None:
        self.known = grant

    def check_client(self, client: KnownClient) -> bool:
        return self.known.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return " ".join(sorted(self.known.scopes))


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: "Provider"

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        self.server.facts.new_code = code

    def query_authorization_code(self, code: str, client: KnownClient) -> KnownCode | None:
        facts = self.server.facts
        if facts.code is None or not facts.code.serves(client.get_client_id(), facts.now):
            return None
        if facts.grant is not None:
            facts.reused = True
            return None
        return KnownCode(facts.code)

    def authenticate_user(self, authorization_code: KnownCode) -> str:
        return authorization_code.known.account_id

    def delete_authorization_code(self, authorization_code: KnownCode) -> None:
        """It stays, so that a second use is recognised; the grant's own id lets it serve once."""


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: "Provider"

    def authenticate_refresh_token(self, refresh_token: str) -> KnownGrant | None:
        facts = self.server.facts
        if facts.grant is None or facts.client is None or facts.grant.client_id != facts.client.id:
            return None
        facts.reused = facts.grant.refresh_hash != facts.presented
        return KnownGrant(facts.grant) if facts.grant.alive(facts.now) and not facts.reused else None

    def authenticate_user(self, refresh_token: KnownGrant) -> str:
        return refresh_token.known.account_id

    def revoke_old_credential(self, refresh_token: KnownGrant) -> None:
        """The new one took its place when it was granted."""


class PartnerGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS


class Challenged(CodeChallenge):
    """PKCE, for every client, by S256 alone (RFC 9700, section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD: ClassVar[list[str]] = [S256]
    DEFAULT_CODE_CHALLENGE_METHOD = S256
    CODE_CHALLENGE_METHODS: ClassVar[dict[str, Any]] = {S256: CodeChallenge.CODE_CHALLENGE_METHODS[S256]}

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str | None) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != S256:
            raise InvalidRequestError("'code_challenge' with 'code_challenge_method=S256' is required.")
        super().validate_code_challenge(grant, redirect_uri)


class IdTokens(OpenIDCode):
    """What a site is told with its access token: who signed in, when and how; the rest is for userinfo."""

    def __init__(self, provider: "Provider") -> None:
        super().__init__(require_nonce=False)
        self._provider = provider

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """A nonce is the site's own defence; somebody may follow the same link twice."""
        return False

    def resolve_client_private_key(self, client: KnownClient) -> ECKey:
        return self._provider.tokens.key

    def get_client_algorithm(self, client: KnownClient) -> str:
        return ALGORITHM

    def get_encode_header(self, client: KnownClient) -> dict[str, str]:
        return self._provider.tokens.header(ID_TOKEN_TYPE)

    def get_client_claims(self, client: KnownClient) -> dict[str, Any]:
        tokens, code = self._provider.tokens, self._provider.facts.code
        claims = {"iss": tokens.issuer, "aud": client.get_client_id(), "iat": tokens.now}
        return {**claims, "exp": tokens.now + tokens.lifetime, "sid": code.session_id if code else ""}

    def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
        return {"sub": user}


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = METHODS
    server: "Provider"

    def query_token(self, token_string: str, token_type_hint: str | None) -> KnownGrant | None:
        grant = self.server.facts.grant
        return KnownGrant(grant) if grant else None

    def revoke_token(self, token: KnownGrant, request: OAuth2Request) -> None:
        """Written by whoever asked for the answer."""


class Provider(AuthorizationServer):
    """For one request; `grant`: the authorization it asks for, once it was checked."""

    grant: Any = None

    def __init__(self, facts: Facts, tokens: SiteTokens) -> None:
        super().__init__()
        self.facts = facts
        self.tokens = tokens
        self.register_token_generator("default", self._given)
        self.register_grant(CodeGrant, [IdTokens(self), Challenged(required=True)])
        self.register_grant(RefreshGrant)
        self.register_grant(PartnerGrant)
        self.register_endpoint(Revocation)

    def query_client(self, client_id: str) -> KnownClient | None:
        client = self.facts.client
        return KnownClient(client, self.facts.now) if client and client.active and client.id == client_id else None

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """It was kept before it was given."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> tuple[int, Any, Any]:
        return status, body, headers

    def _given(self, **asked: Any) -> dict[str, Any]:
        given = self.facts.given
        if given is None:
            raise InvalidRequestError("Nothing was granted.")
        token = {
            "token_type": "Bearer",
            "access_token": given.access_token,
            "expires_in": self.tokens.lifetime,
            "scope": " ".join(sorted(given.grant.scopes)),
        }
        return {**token, "refresh_token": given.refresh_token} if given.refresh_token else token

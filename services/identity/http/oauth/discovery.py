"""What sites need to know of the provider, at the address every client library looks at."""

from aiohttp import web

from services.identity.domain.clients import SITE_SCOPES
from services.identity.http.oauth.protocol import METHODS, S256, SECRET_METHODS
from services.identity.http.parts import PARTS
from services.identity.store.site_tokens import ALGORITHM
from shared.web import ANYONE, Route


async def show_configuration(request: web.Request) -> web.Response:
    """OpenID Connect Discovery 1.0, section 3; RFC 8414 and RFC 9207 use the same document."""
    issuer = request.app[PARTS].sites.public_url
    document = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": SECRET_METHODS,
        "code_challenge_methods_supported": [S256],
        "scopes_supported": sorted(SITE_SCOPES),
        "claims_supported": sorted(CLAIMS),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["fr", "en"],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
    # A site in a browser reads it too; it is the same for everybody.
    return web.json_response(document, headers={"Cache-Control": "public, max-age=300", **OPEN})


OPEN = {"Access-Control-Allow-Origin": "*"}
CLAIMS = {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr", "sid"} | {
    "name",
    "given_name",
    "family_name",
    "locale",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
}
ROUTES = [
    Route(
        method="GET",
        path="/.well-known/openid-configuration",
        handler=show_configuration,
        who=ANYONE,
        hidden=True,
    )
]

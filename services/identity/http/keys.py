"""The public keys of access tokens."""

from aiohttp import web

from services.identity.http.parts import PARTS
from shared.web import ANYONE, Answer, Route

JWK_SET = "application/jwk-set+json"


class PublicKey(Answer):
    """A JSON Web Key of an elliptic curve (RFC 7517, RFC 7518 section 6.2.1)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeySet(Answer):
    keys: list[PublicKey]


async def show_keys(request: web.Request) -> web.Response:
    """The JSON Web Key Set that verifies access tokens."""
    published = request.app[PARTS].keys.published()
    return web.json_response(published, headers={"Cache-Control": "public, max-age=60"}, content_type=JWK_SET)


ROUTES = [
    Route(method="GET", path="/.well-known/jwks.json", handler=show_keys, who=ANYONE, answer=KeySet, gives=JWK_SET)
]

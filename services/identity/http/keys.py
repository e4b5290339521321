"""The public keys of access tokens."""

from aiohttp import web

from services.identity.http.parts import PARTS
from shared.web import ANYONE, Route


async def show_keys(request: web.Request) -> web.Response:
    """The JSON Web Key Set that verifies access tokens."""
    published = request.app[PARTS].keys.published()
    return web.json_response(published, headers={"Cache-Control": "public, max-age=60"})


ROUTES = [Route(method="GET", path="/.well-known/jwks.json", handler=show_keys, who=ANYONE)]

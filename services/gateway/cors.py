"""Cross-origin calls from the web front ends the operator names, and from no other."""

from collections.abc import Awaitable, Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Middleware

ALLOWED_HEADERS = (
    "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "X-Request-Id"
)
EXPOSED_HEADERS = "ETag, Location, Retry-After, X-Request-Id"


def allow_origins(app: web.Application, origins: Collection[str]) -> None:
    """Answer preflights and mark answers for `origins`; credentials never travel (no cookies)."""
    app.middlewares.insert(0, _preflights(origins))

    async def mark(request: web.Request, response: web.StreamResponse) -> None:
        # As its headers are about to leave: what is streamed is past every middleware's end by then.
        if (origin := request.headers.get("Origin", "")) in origins:
            response.headers.update(_marks(origin))

    app.on_response_prepare.append(mark)


def _preflights(origins: Collection[str]) -> Middleware:

    @web.middleware
    async def share(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if asked and origin in origins:
            return web.Response(status=204, headers=_preflight())
        return await handler(request)

    return share


def _marks(origin: str) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": EXPOSED_HEADERS,
        "Vary": "Origin",
    }


def _preflight() -> dict[str, str]:
    return {
        "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }

"""Cross-origin calls from the web front ends the operator names, and from no other."""

from collections.abc import Awaitable, Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Middleware

ALLOWED_HEADERS = "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, X-Request-Id"
EXPOSED_HEADERS = "ETag, Location, Retry-After, X-Request-Id"


def allow_origins(origins: Collection[str]) -> Middleware:
    """A middleware answering preflights and marking answers for `origins`; credentials never travel (no cookies)."""

    @web.middleware
    async def share(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin not in origins:
            return await handler(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(status=204, headers={**_marks(origin), **_preflight()})
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_marks(origin))
        return response

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

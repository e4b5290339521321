"""What stands between a browser and a page: cookie, origin check, form token, headers."""

import hmac
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from services.portal.api import SESSION, SESSIONS, SETTINGS, Refusal, SignedOut
from services.portal.forms import typed_in
from services.portal.sessions import Session
from services.portal.settings import Settings
from shared.errors import N_

FORGED = {
    "status": 403,
    "title": N_("This form is no longer valid"),
    "detail": N_("Go back, reload the page and send it again."),
}
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
STATIC = "/static/"
# One slash at most in front, and none of the characters browsers drop or turn into slashes.
INSIDE = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def cookie_name(settings: Settings) -> str:
    return "__Host-preau" if settings.secure else "preau"


def session_of(request: web.Request) -> Session:
    """The session a page needs. Raises `SignedOut` without one."""
    if SESSION not in request:
        raise SignedOut()
    return request[SESSION]


def inside(path: str, otherwise: str) -> str:
    """Where a form or a link wants to go on to, if that is a page of this site."""
    return path if INSIDE.fullmatch(path) else otherwise


def armour(settings: Settings) -> Middleware:
    """The headers every answer carries."""
    headers = _headers(settings)

    @web.middleware
    async def armoured(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        response.headers.update(headers)
        response.headers["Cache-Control"] = _caching(request)
        return response

    return armoured


def _headers(settings: Settings) -> dict[str, str]:
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        f"form-action 'self' {settings.payment_origins}".rstrip(),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _caching(request: web.Request) -> str:
    """Pages are private; a file that changes gets a new address (`?v=`)."""
    if not request.path.startswith(STATIC):
        return "no-store"
    return "public, max-age=31536000, immutable" if "v" in request.query else "no-cache"


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who is at the browser, and whether the form is one of ours."""
    if not request.path.startswith(STATIC):
        await _load(request)
    if request.method in UNSAFE:
        await _refuse_forged(request)
    return await handler(request)


async def _load(request: web.Request) -> None:
    secret = request.cookies.get(cookie_name(request.app[SETTINGS]), "")
    session = await request.app[SESSIONS].find(secret) if secret else None
    if session is not None:
        request[SESSION] = session


async def _refuse_forged(request: web.Request) -> None:
    """A form must come from our own page, and within a session carry its token."""
    if not _comes_from_us(request):
        raise Refusal(FORGED)
    session = request.get(SESSION)
    if session is None:
        return
    token = (await typed_in(request)).get("csrf", "")
    if not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise Refusal(FORGED)


def _comes_from_us(request: web.Request) -> bool:
    """By what browsers say of a form's origin; one that says nothing is none of today's."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    ours = origin is None or urlsplit(origin).netloc == request.host
    return ours and site in (None, "same-origin", "none")


def set_cookie(response: web.StreamResponse, settings: Settings, secret: str) -> None:
    response.set_cookie(cookie_name(settings), secret, path="/", httponly=True, samesite="Lax", secure=settings.secure)


def drop_cookie(response: web.StreamResponse, settings: Settings) -> None:
    response.del_cookie(cookie_name(settings), path="/", secure=settings.secure, httponly=True, samesite="Lax")

"""Leaving: a browser that came by FranceConnect is signed out there too, as FranceConnect asks of every site."""

import hmac
import secrets

from aiohttp import web

from services.identity.http.pages.security import forget, keep, kept, origin_of, see
from services.identity.http.pages.views import page_route
from services.identity.http.parts import PARTS
from shared.errors import Refused

HINT, AFTER = "preau-franceconnect", "preau-afterwards"
SIGNED_OUT = "/oauth/signed-out"


async def leaving(request: web.Request, back: str) -> web.Response:
    """The answer to whoever signed out here: on to `back`, by way of FranceConnect when the browser came from there."""
    state = secrets.token_urlsafe(32)
    address = await _address(request, state)
    response = see(address or back)
    if address:
        keep(request, response, AFTER, f"{state} {back}")
    forget(request, response, HINT)
    return response


async def origins_of_leaving(request: web.Request) -> list[str]:
    """Where the form that signs out may lead besides."""
    address = await _address(request, "")
    return [origin_of(address)] if address else []


async def _address(request: web.Request, state: str) -> str:
    hint, provider = kept(request, HINT), request.app[PARTS].franceconnect.provider
    if not hint or not provider.configured:
        return ""
    try:
        return await provider.farewell(hint, state)
    except Refused:
        # Being signed out here does not wait for them.
        return ""


async def show_left(request: web.Request) -> web.StreamResponse:
    """Back from FranceConnect, signed out there too; on to where the person was going."""
    state, _, back = kept(request, AFTER).partition(" ")
    right = bool(state) and hmac.compare_digest(state.encode(), request.query.get("state", "").encode())
    response = see(back if right and back else SIGNED_OUT)
    forget(request, response, AFTER)
    return response


ROUTES = [page_route("GET", "/franceconnect/signed-out", show_left)]

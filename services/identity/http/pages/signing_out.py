"""Signing out here and of every site that was signed in to from here, when a person or a site asks for it."""

from dataclasses import dataclass, field

import structlog
from aiohttp import web
from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error

from services.identity.domain.clients import Client
from services.identity.http.oauth.requests import Asking, read
from services.identity.http.pages.farewell import leaving, origins_of_leaving
from services.identity.http.pages.security import drop_cookie, origin_of, see, session_of, typed_in
from services.identity.http.pages.views import page, page_route
from services.identity.http.parts import PARTS, Parts
from shared.errors import NotFound

log = structlog.get_logger()
PASSED_ON = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True)
class Wish:
    """What a site asks (OpenID Connect RP-Initiated Logout 1.0). `back`: where it may have the browser back."""

    site: Client | None = None
    back: str = ""
    params: dict[str, str] = field(default_factory=dict)


async def ask_sign_out(request: web.Request) -> web.StreamResponse:
    """Asked before it is done: any page of the web could lead here."""
    wish = await _wish(request)
    if session_of(request) is None:
        return see(wish.back) if wish.back else page(request, "signed_out.html", site=wish.site)
    return page(
        request,
        "sign_out.html",
        site=wish.site,
        params=wish.params,
        leads_to=[*([origin_of(wish.back)] if wish.back else []), *await origins_of_leaving(request)],
    )


async def ask_by_form(request: web.Request) -> web.StreamResponse:
    """The same, sent as a form by another site: the browser brings its cookie only when it follows a link."""
    wish = await _wish(request)
    return see(add_params_to_uri("/oauth/logout", list(wish.params.items())))


async def sign_out(request: web.Request) -> web.StreamResponse:
    """The person said yes."""
    await typed_in(request)
    wish, session = await _wish(request), session_of(request)
    if session is not None:
        await request.app[PARTS].sessions.end_own(session.id, session.account_id)
        log.info("session_closed", session_id=session.id)
    response = await leaving(request, wish.back or "/oauth/signed-out")
    drop_cookie(request, response)
    return response


async def show_signed_out(request: web.Request) -> web.StreamResponse:
    return page(request, "signed_out.html", site=None)


async def _wish(request: web.Request) -> Wish:
    """Raises `NotFound` for a request nobody could mean."""
    parts = request.app[PARTS]
    try:
        asked = await _read(request, parts)
    except OAuth2Error:
        raise NotFound() from None
    params = {name: asked.value(name) for name in PASSED_ON if asked.value(name)}
    hint = parts.sites.tokens.read_id_token(params.get("id_token_hint", ""))
    site = await parts.sites.authorizing.site(str(hint["aud"])) if hint else None
    if site is None or params.get("client_id", site.id) != site.id:
        return Wish(params=params)
    return Wish(site, _back(site, params), params)


async def _read(request: web.Request, parts: Parts) -> Asking:
    """What was sent as a form is read once, by whoever checks the form."""
    if request.method == "POST" and request.path.endswith("/confirmation"):
        return Asking("POST", parts.sites.public_url, {}, {}, dict(await typed_in(request)))
    return await read(request, parts.sites.public_url)


def _back(site: Client, params: dict[str, str]) -> str:
    """As it was registered, letter by letter; only with an ID token of ours does a site get the browser back."""
    wanted = params.get("post_logout_redirect_uri", "")
    if wanted not in site.post_logout_redirect_uris:
        return ""
    state = params.get("state", "")
    return str(add_params_to_uri(wanted, [("state", state)])) if state else wanted


ROUTES = [
    page_route("GET", "/logout", ask_sign_out),
    page_route("POST", "/logout", ask_by_form, checked=False),
    page_route("POST", "/logout/confirmation", sign_out),
    page_route("GET", "/signed-out", show_signed_out),
]

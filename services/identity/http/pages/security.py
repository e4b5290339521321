"""What stands between a browser and our pages: cookies, where a form comes from, its token, headers."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from services.identity.domain.devices import device_of
from services.identity.domain.proofs import Proven
from services.identity.domain.sessions import Session
from services.identity.http.parts import PARTS
from shared.errors import N_, BadInput, Refused
from shared.web import read_limited

FORM = "application/x-www-form-urlencoded"
FORM_LIMIT = 64 * 1024
SESSION = web.RequestKey("browser_session", Session)
COOKIE = web.RequestKey("browser_cookie", str)
NEW_VISIT = web.RequestKey("new_visit", str)
TYPED: web.RequestKey[Mapping[str, str]] = web.RequestKey("typed", Mapping)
COOKIE_NAME, VISIT_NAME = "preau-account", "preau-visit"
FIRST_PAGE = "/oauth/passkeys"
# A page of ours, in letters no browser reads in two ways.
INSIDE = re.compile(r"/oauth/[a-z/-]*(\?[A-Za-z0-9_=&.~-]*)?")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FormForged(Refused):
    """A form that does not come from our own page, or from one that is too old."""

    code = "form-forged"
    status = 403
    title = N_("This form is no longer valid")
    sentence = N_("The form does not come from a page of ours that is still open.")
    remedy = N_("Go back, reload the page and send it again.")


class NotAForm(BadInput):
    code = "not-a-form"
    status = 400
    title = N_("Unreadable form")
    sentence = N_("What was sent could not be read as a form.")
    remedy = N_("Go back, reload the page and send it again.")


async def who_is_here(request: web.Request) -> None:
    """Note whose browser it is, and give an unknown one a name for its forms."""
    cookie = request.cookies.get(_name(request, COOKIE_NAME), "")
    session = await request.app[PARTS].sites.browsing.find(cookie) if cookie else None
    if session is not None:
        request[SESSION], request[COOKIE] = session, cookie
        return
    visit = request.cookies.get(_name(request, VISIT_NAME), "")
    if not visit:
        visit = request[NEW_VISIT] = secrets.token_urlsafe(32)
    request[COOKIE] = visit


def session_of(request: web.Request) -> Session | None:
    return request.get(SESSION)


def form_token(request: web.Request) -> str:
    """What every form of this browser carries: nobody without its cookie can tell it."""
    return hmac.new(request[COOKIE].encode(), b"form", hashlib.sha256).hexdigest()


async def typed_in(request: web.Request) -> Mapping[str, str]:
    """The fields of the form that was sent. Raises `NotAForm`, `TooLarge`."""
    if TYPED not in request:
        if request.content_type != FORM:
            raise NotAForm()
        try:
            text = (await read_limited(request, FORM_LIMIT)).decode("ascii")
            request[TYPED] = dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=50))
        except ValueError:
            raise NotAForm() from None
    return request[TYPED]


async def refuse_forged(request: web.Request) -> None:
    """Raises `FormForged` unless a page of ours, in this browser, sent the form."""
    token = (await typed_in(request)).get("form", "")
    if not _comes_from_us(request) or not hmac.compare_digest(token.encode(), form_token(request).encode()):
        raise FormForged()


def _comes_from_us(request: web.Request) -> bool:
    """By what browsers say of a form's origin; one that says nothing is none of today's."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = origin is None or origin == origin_of(request.app[PARTS].sites.public_url)
    return (site is not None or origin is not None) and ours and site in (None, "same-origin", "none")


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def inside(address: str) -> str:
    """Where a form or a link wants to go on to, if that is a page of ours."""
    return address if INSIDE.fullmatch(address) and "//" not in address else FIRST_PAGE


async def signed_in(request: web.Request, proven: Proven, next_page: str) -> web.Response:
    """This browser is that person's from now on; it goes on to a page of ours, by way of the enrolment of agents."""
    browsing = request.app[PARTS].sites.browsing
    device = device_of(request.headers.get("User-Agent", ""))
    cookie = await browsing.sign_in(proven, device, session_of(request))
    next_page = inside(next_page)
    if proven.account.is_agent and not proven.strong:
        next_page = f"/oauth/enrolment?next={quoted(next_page)}"
    response = see(next_page)
    keep_cookie(request, response, cookie)
    return response


def quoted(next_page: str) -> str:
    """As the value of `next`: the names of requests need nothing but these replaced."""
    return next_page.replace("?", "%3F").replace("=", "%3D").replace("&", "%26").replace("/", "%2F")


def see(location: str) -> web.Response:
    """After a form: look there, so that reloading repeats nothing."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location, "Cache-Control": "no-store"})


def keep_cookie(request: web.Request, response: web.StreamResponse, cookie: str) -> None:
    _set(request, response, COOKIE_NAME, cookie)


def drop_cookie(request: web.Request, response: web.StreamResponse) -> None:
    secure = _is_secure(request)
    name = _name(request, COOKIE_NAME)
    response.del_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")


def greet(request: web.Request, response: web.StreamResponse) -> None:
    """A browser that has no name yet gets one."""
    if NEW_VISIT in request:
        _set(request, response, VISIT_NAME, request[NEW_VISIT])


def keep(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    """A cookie for one purpose, until the browser closes."""
    _set(request, response, name, value)


def kept(request: web.Request, name: str) -> str:
    return request.cookies.get(_name(request, name), "")


def forget(request: web.Request, response: web.StreamResponse, name: str) -> None:
    response.del_cookie(_name(request, name), path="/", secure=_is_secure(request), httponly=True, samesite="Lax")


def _set(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    secure = _is_secure(request)
    response.set_cookie(_name(request, name), value, path="/", httponly=True, samesite="Lax", secure=secure)


def _name(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if _is_secure(request) else name


def _is_secure(request: web.Request) -> bool:
    return request.app[PARTS].sites.public_url.startswith("https://")

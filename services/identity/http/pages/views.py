"""Our pages as they are shown: templates in the reader's language, and the headers that keep them to themselves."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.identity.http.pages.security import (
    Handler,
    form_token,
    greet,
    inside,
    origin_of,
    refuse_forged,
    session_of,
    who_is_here,
)
from services.identity.http.parts import PARTS
from shared.errors import NotFound, Refused
from shared.problems import CATALOGUES, describe, language_of
from shared.web import ANYONE, Route

log = structlog.get_logger()
HOME = Path(__file__).parents[2]
FILES = HOME / "static"
STATIC = "/oauth/static"
SCRIPT = "passkeys.js"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
templates = Environment(
    loader=FileSystemLoader(HOME / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _address(file: Path) -> str:
    """One that changes with the file."""
    return f"{STATIC}/{file.name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


ADDRESSES = {file.name: _address(file) for file in sorted(FILES.iterdir()) if file.suffix in TYPES}


def page(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    leads_to: Sequence[str] = (),
    scripted: bool = False,
    **shown: Any,
) -> web.Response:
    """`leads_to`: other origins the forms of the page may end at; `scripted`: the page uses passkeys."""
    language, catalogues = language_of(request), request.app[CATALOGUES]

    def translate(msgid: str, **facts: Any) -> str:
        return catalogues.sentence(language, msgid, facts) if facts else catalogues.translate(language, msgid)

    everywhere = {
        "_": translate,
        "language": language,
        "static": ADDRESSES.__getitem__,
        "token": form_token(request),
        "session": session_of(request),
        "portal": request.app[PARTS].sites.portal_url,
        "scripted": scripted,
        "problem": None,
    }
    text = templates.get_template(template).render({**everywhere, **shown})
    headers = {
        "Content-Language": language,
        "Content-Security-Policy": _policy(leads_to, scripted=scripted),
        "Cache-Control": "no-store",
    }
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)


def _policy(leads_to: Sequence[str], *, scripted: bool) -> str:
    """form-action also holds for the redirects after a form: a sign-in leads on to the site that asked for it."""
    rules = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        " ".join(("form-action 'self'", *leads_to)),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return "; ".join([*rules, *(["script-src 'self'", "connect-src 'self'"] if scripted else [])])


ARMOUR = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def leads_to(request: web.Request, next_page: str) -> list[str]:
    """The origin of the site that waits behind that page of ours."""
    handle = inside(next_page).partition("asked=")[2]
    parts = request.app[PARTS]
    asked = await parts.sites.authorizations.find(handle, parts.clock()) if handle else None
    return [origin_of(asked.redirect_uri)] if asked else []


def shown(handler: Handler, *, checked: bool = True) -> Handler:
    """The handler of a page: knows whose browser it is, takes forms of ours only, refuses in a page.

    `checked` is false for the one form that other sites send.
    """

    async def show(request: web.Request) -> web.StreamResponse:
        await who_is_here(request)
        try:
            if request.method == "POST" and checked:
                await refuse_forged(request)
            response = await handler(request)
        except Refused as refusal:
            log.info("page_refused", code=refusal.code)
            response = refused(request, refusal)
        response.headers.update(ARMOUR)
        if request.app[PARTS].sites.public_url.startswith("https://"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        greet(request, response)
        return response

    return show


def refused(request: web.Request, refusal: Refused) -> web.Response:
    return page(request, "refusal.html", status=refusal.status, problem=said(request, refusal))


def said(request: web.Request, refusal: Refused) -> dict[str, Any]:
    """The words of a refusal, in the reader's language."""
    return describe(refusal, request.app[CATALOGUES], language_of(request))


def page_route(method: str, path: str, handler: Handler, *, checked: bool = True) -> Route:
    """`path` below `/oauth`."""
    entry = shown(handler, checked=checked)
    return Route(method=method, path=f"/oauth{path}", handler=entry, who=ANYONE, hidden=True, gives="text/html")


async def show_file(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in ADDRESSES:
        raise NotFound()
    file = FILES / name
    caching = "public, max-age=31536000, immutable" if "v" in request.query else "no-cache"
    headers = {"Cache-Control": caching, **ARMOUR}
    return web.Response(text=file.read_text("utf-8"), content_type=TYPES[file.suffix], headers=headers)


ROUTES = [Route(method="GET", path=f"{STATIC}/{{name}}", handler=show_file, who=ANYONE, hidden=True, gives="text/css")]

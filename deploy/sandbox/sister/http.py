"""The pages of the sister site, and the address at which it hears that somebody left."""

import secrets
from dataclasses import dataclass, field
from typing import TypeVar

from aiohttp import web

from deploy.sandbox.pages import page, show_style
from deploy.sandbox.sister.relying import Departure, NotBelieved, Relying, Visitor

COOKIE, LEAVING = "sister-session", "sister-departure"
MOST_KEPT = 1_000
T = TypeVar("T")


@dataclass(kw_only=True)
class Sister:
    """Who is signed in and who is on the way, by the value of their cookie; forgotten when the sandbox stops."""

    relying: Relying
    visitors: dict[str, Visitor] = field(default_factory=dict)
    departures: dict[str, Departure] = field(default_factory=dict)


SISTER = web.AppKey("sister", Sister)


def build(sister: Sister) -> web.Application:
    app = web.Application()
    app[SISTER] = sister
    app.add_routes(ROUTES)
    return app


async def show_home(request: web.Request) -> web.Response:
    visitor = request.app[SISTER].visitors.get(request.cookies.get(COOKIE, ""))
    return page("sister.html", visitor=visitor)


async def sign_in(request: web.Request) -> web.Response:
    """Off to Préau, with what the browser must come back with."""
    sister, departure = request.app[SISTER], Departure()
    response = _see(sister.relying.way_in(departure))
    _keep(response, LEAVING, _put(sister.departures, departure))
    return response


async def arrive(request: web.Request) -> web.Response:
    sister = request.app[SISTER]
    departure = sister.departures.pop(request.cookies.get(LEAVING, ""), None)
    try:
        if departure is None:
            raise NotBelieved("departure")
        visitor = await sister.relying.arrive(request.query, departure)
    except NotBelieved as reason:
        return page("sister-refusal.html", status=400, reason=str(reason))
    response = _see("/")
    response.del_cookie(LEAVING)
    _keep(response, COOKIE, _put(sister.visitors, visitor))
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Here at once, at Préau once the person said so there."""
    sister = request.app[SISTER]
    visitor = sister.visitors.pop(request.cookies.get(COOKIE, ""), None)
    response = _see(sister.relying.way_out(visitor) if visitor else "/")
    response.del_cookie(COOKIE)
    return response


async def hear(request: web.Request) -> web.Response:
    """Préau says, from server to server, that a sign-in is over."""
    sister = request.app[SISTER]
    try:
        ended = await sister.relying.ended(str((await request.post()).get("logout_token", "")))
    except NotBelieved:
        return web.Response(status=400)
    for key in [key for key, visitor in sister.visitors.items() if visitor.session == ended]:
        del sister.visitors[key]
    return web.Response()


async def show_goodbye(_: web.Request) -> web.Response:
    return page("sister-goodbye.html")


def _put(kept: dict[str, T], one: T) -> str:
    key = secrets.token_urlsafe(32)
    kept[key] = one
    if len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
    return key


def _see(location: str) -> web.Response:
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def _keep(response: web.Response, name: str, value: str) -> None:
    response.set_cookie(name, value, httponly=True, samesite="Lax", path="/")


ROUTES = [
    web.get("/", show_home),
    web.get("/connexion", sign_in),
    web.get("/retour", arrive),
    web.post("/deconnexion", sign_out),
    web.get("/au-revoir", show_goodbye),
    web.post("/fin-de-session", hear),
    web.get("/style.css", show_style),
]

"""The doors of FranceConnect, and the page on which a person says who they are."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from deploy.sandbox.franceconnect.people import PEOPLE, Person
from deploy.sandbox.franceconnect.provider import API, Asked, Provider, Refusal, is_own
from deploy.sandbox.pages import page, show_style

PROVIDER = web.AppKey("franceconnect", Provider)
OTHER = "autre"
STATUS = {"invalid_client": 401, "invalid_token": 401}


def build(provider: Provider) -> web.Application:
    app = web.Application(middlewares=[refuse])
    app[PROVIDER] = provider
    app.add_routes(ROUTES)
    return app


@web.middleware
async def refuse(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        status = STATUS.get(refusal.error, 400)
        if request.path == f"{API}/authorize":
            return page("franceconnect-refusal.html", status=status, refusal=refusal)
        shown = {"error": refusal.error, "error_description": refusal.description}
        return web.json_response(shown, status=status)


async def describe(request: web.Request) -> web.Response:
    return web.json_response(request.app[PROVIDER].description())


async def show_keys(request: web.Request) -> web.Response:
    return web.json_response(request.app[PROVIDER].keys())


async def show_people(request: web.Request) -> web.Response:
    request.app[PROVIDER].read(request.query)
    return page("franceconnect.html", people=list(enumerate(PEOPLE)), query=request.query_string)


async def choose_person(request: web.Request) -> web.Response:
    """A button was pressed: back to the site with a code, or with an error for who turned round."""
    provider, form = request.app[PROVIDER], await request.post()
    asked = provider.read(request.query)
    choice = str(form.get("personne", ""))
    if choice == "":
        return _back(provider, asked, error="access_denied", error_description="User auth aborted")
    person = _other(form) if choice == OTHER else _known(choice)
    return _back(provider, asked, code=provider.give_code(asked, person))


async def give_tokens(request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    return web.json_response(request.app[PROVIDER].redeem(form), headers={"Cache-Control": "no-store"})


async def tell_person(request: web.Request) -> web.Response:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return web.Response(text=request.app[PROVIDER].tell(token), content_type="application/jwt")


async def end_session(request: web.Request) -> web.Response:
    query, site = request.query, request.app[PROVIDER].site
    address = query.get("post_logout_redirect_uri", "")
    if not query.get("id_token_hint") or not is_own(address, site.signed_out):
        raise Refusal("invalid_request", "id_token_hint et post_logout_redirect_uri connus attendus")
    raise web.HTTPSeeOther(f"{address}?{urlencode({'state': query.get('state', '')})}")


def _back(provider: Provider, asked: Asked, **said: str) -> web.Response:
    query = urlencode({**said, "state": asked.state, "iss": provider.issuer})
    mark = "&" if urlsplit(asked.redirect_uri).query else "?"
    raise web.HTTPSeeOther(f"{asked.redirect_uri}{mark}{query}")


def _known(choice: str) -> Person:
    if not choice.isdigit() or int(choice) >= len(PEOPLE):
        raise Refusal("invalid_request", "personne inconnue")
    return PEOPLE[int(choice)]


def _other(form: Any) -> Person:
    written = {each.name: str(form.get(each.name, "")).strip()[:100] for each in fields(Person)}
    missing = [name for name in ("given_name", "family_name", "birthdate") if not written[name]]
    if missing:
        raise Refusal("invalid_request", f"il manque : {', '.join(missing)}")
    return Person(**{name: value for name, value in written.items() if value})


ROUTES = [
    web.get(f"{API}/.well-known/openid-configuration", describe),
    web.get(f"{API}/jwks", show_keys),
    web.get(f"{API}/authorize", show_people),
    web.post(f"{API}/authorize", choose_person),
    web.post(f"{API}/token", give_tokens),
    web.get(f"{API}/userinfo", tell_person),
    web.get(f"{API}/session/end", end_session),
    web.get("/", describe),
    web.get("/style.css", show_style),
]

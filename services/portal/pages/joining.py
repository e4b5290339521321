"""A town, joined with the account one has."""

from aiohttp import web

from services.portal.api import SESSION, SESSIONS, Refusal, ask
from services.portal.forms import typed_in
from services.portal.security import session_of
from services.portal.views import page, see


async def show_form(request: web.Request) -> web.StreamResponse:
    session_of(request)
    return page(request, "join_by_code.html")


async def join(request: web.Request) -> web.StreamResponse:
    """By its code; with the address that received it when the letter's link led here."""
    session = session_of(request)
    typed = await typed_in(request)
    body = {name: typed[name] for name in ("code", "email") if typed.get(name)}
    try:
        await ask(request, "POST", "/adhesions", body=body)
    except Refusal as refusal:
        return page(request, "join_by_code.html", status=refusal.status, problem=refusal.problem, **body)
    request[SESSION] = await request.app[SESSIONS].outdate(session)
    await request.app[SESSIONS].set_account(session.key, await ask(request, "GET", "/me"))
    return see("/bienvenue")


ROUTES = [web.get("/adhesion", show_form), web.post("/adhesion", join)]

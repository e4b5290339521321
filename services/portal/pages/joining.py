"""A further town, joined with the account one has."""

from aiohttp import web

from services.portal.api import SESSION, SESSIONS, Refusal, ask
from services.portal.forms import typed_in
from services.portal.security import session_of
from services.portal.views import page, see


async def join(request: web.Request) -> web.StreamResponse:
    session = session_of(request)
    typed = await typed_in(request)
    body = {name: typed.get(name, "") for name in ("code", "email")}
    try:
        await ask(request, "POST", "/adhesions", body=body)
    except Refusal as refusal:
        shown = {"problem": refusal.problem, "used": False, **body}
        return page(request, "code.html", status=refusal.status, **shown)
    request[SESSION] = await request.app[SESSIONS].outdate(session)
    await request.app[SESSIONS].set_account(session.key, await ask(request, "GET", "/me"))
    return see("/bienvenue")


ROUTES = [web.post("/adhesion", join)]

"""Sign in and out."""

from typing import Any

from aiohttp import web

from services.portal.api import API, SESSION, SESSIONS, SETTINGS, Refusal, SignedOut, ask
from services.portal.forms import Form, typed_in
from services.portal.security import drop_cookie, inside, set_cookie
from services.portal.sessions import Session
from services.portal.views import page, see

FIRST_PAGE = "/actualites"


async def show_form(request: web.Request) -> web.StreamResponse:
    back = inside(request.query.get("retour", ""), "")
    if SESSION in request:
        return see(back or FIRST_PAGE)
    return page(request, "sign_in.html", back=back, email=request.query.get("email", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    back = inside(typed.get("back", ""), "")
    body = {name: typed.get(name, "") for name in ("email", "password")}
    try:
        granted = await ask(request, "POST", "/sessions", body=body, anonymous=True)
    except Refusal as refusal:
        shown = {"form": Form(typed), "problem": refusal.problem, "back": back, "email": ""}
        return page(request, "sign_in.html", status=refusal.status, **shown)
    return await signed_in(request, granted, back or FIRST_PAGE)


async def signed_in(request: web.Request, granted: dict[str, Any], location: str) -> web.StreamResponse:
    """Open a session for what identity granted and go on."""
    if SESSION in request:
        await request.app[SESSIONS].close(request[SESSION].key)
    account = await request.app[API].ask("GET", "/me", headers={"Authorization": f"Bearer {granted['access_token']}"})
    secret = await request.app[SESSIONS].open(granted, account)
    response = see(location)
    set_cookie(response, request.app[SETTINGS], secret)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """Once more asked when a cart would stay behind unvalidated."""
    response = see("/")
    if SESSION in request:
        session = request[SESSION]
        if not (await typed_in(request)).get("sure") and (waiting := await _waiting(request, session)):
            return page(request, "leaving.html", waiting=waiting)
        await _revoke(request)
        await request.app[SESSIONS].close(session.key)
    drop_cookie(response, request.app[SETTINGS])
    return response


async def _waiting(request: web.Request, session: Session) -> int:
    """Lines in the cart; none when nobody can tell, for signing out always works."""
    if not session.is_guardian:
        return 0
    try:
        return len((await ask(request, "GET", "/cart"))["lines"])
    except (Refusal, SignedOut):
        return 0


async def _revoke(request: web.Request) -> None:
    try:
        await ask(request, "DELETE", "/sessions/current")
    except (Refusal, SignedOut):
        # Signing out works even when identity does not answer: its tokens lapse by themselves.
        return


ROUTES = [
    web.get("/connexion", show_form),
    web.post("/connexion", sign_in),
    web.post("/deconnexion", sign_out),
]

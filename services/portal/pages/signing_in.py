"""Sign in and out."""

from typing import Any
from urllib.parse import urlencode

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
        if refusal.code == "second-factor-needed":
            return _second_step(request, refusal.problem, back)
        shown = {"form": Form(typed), "problem": refusal.problem, "back": back, "email": ""}
        return page(request, "sign_in.html", status=refusal.status, **shown)
    return await signed_in(request, granted, back or FIRST_PAGE)


def _second_step(request: web.Request, asked: dict[str, Any], back: str, **shown: Any) -> web.StreamResponse:
    """`asked`: `challenge` and `methods`, as identity or the form before has them."""
    return page(
        request,
        "second_step.html",
        challenge=asked["challenge"],
        app="otp" in asked["methods"],
        recovery="recovery_code" in asked["methods"],
        back=back,
        **shown,
    )


async def take_second_step(request: web.Request) -> web.StreamResponse:
    """The code of the authenticator app, or a recovery code."""
    typed = await typed_in(request)
    back = inside(typed.get("back", ""), "")
    body = {name: typed[name] for name in ("challenge", "code", "recovery_code") if typed.get(name)}
    try:
        granted = await ask(request, "POST", "/sessions/second-factor", body=body, anonymous=True)
    except Refusal as refusal:
        if refusal.code == "challenge-over":
            shown = {"problem": refusal.problem, "back": back, "email": ""}
            return page(request, "sign_in.html", status=refusal.status, **shown)
        asked = {"challenge": typed.get("challenge", ""), "methods": typed.getall("methods", [])}
        return _second_step(request, asked, back, status=refusal.status, problem=refusal.problem)
    return await signed_in(request, granted, back or FIRST_PAGE)


async def signed_in(request: web.Request, granted: dict[str, Any], location: str) -> web.StreamResponse:
    """Open a session for what identity granted and go on."""
    if SESSION in request:
        await request.app[SESSIONS].close(request[SESSION].key)
    account = await request.app[API].ask("GET", "/me", headers={"Authorization": f"Bearer {granted['access_token']}"})
    secret = await request.app[SESSIONS].open(granted, account)
    if account.get("roles_withheld") and account.get("second_factor") == "none":
        location = f"/second-facteur?{urlencode({'retour': location})}"
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
    web.post("/connexion/code", take_second_step),
    web.post("/deconnexion", sign_out),
]

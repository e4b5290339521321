"""The other guardian of a household that has its account: a log-in of their own."""

from typing import Any

from aiohttp import web

from services.portal.api import SESSION, SESSIONS, Refusal, ask
from services.portal.forms import Form, Typed, shown_again, typed_in
from services.portal.pages.registering import PASSWORDS_DIFFER
from services.portal.pages.signing_in import signed_in
from services.portal.security import session_of
from services.portal.views import page, see


async def open_link(request: web.Request) -> web.StreamResponse:
    """`/createGuardian?activationCode=…&email=…`: both prefilled and checked together."""
    return await _form(request, request.query.get("activationCode", ""), request.query.get("email", ""))


async def _form(
    request: web.Request, code: str, email: str, typed: Typed | None = None, problem: dict[str, Any] | None = None
) -> web.StreamResponse:
    try:
        found = await ask(request, "POST", "/invitations/lookup", body={"code": code, "email": email}, anonymous=True)
    except Refusal as refusal:
        shown = {"problem": refusal.problem, "code": code, "email": email, "used": refusal.code == "invitation-used"}
        return page(request, "code.html", status=refusal.status, **shown)
    session = request.get(SESSION)
    form, above = shown_again(typed, problem) if typed is not None and problem else (Form(), problem)
    return page(
        request,
        "register_guardian.html",
        status=int(problem["status"]) if problem else 200,
        form=form,
        problem=above,
        code=code,
        found=found,
        is_theirs=session is not None and session.email == found["email"],
        here=request.path_qs,
    )


async def register(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    body = {name: typed.get(name, "") for name in ("code", "email", "password")}
    if body["password"] != typed.get("again", ""):
        return await _form(request, body["code"], body["email"], typed, PASSWORDS_DIFFER)
    try:
        granted = await ask(request, "POST", "/guardian-registrations", body=body, anonymous=True)
    except Refusal as refusal:
        return await _form(request, body["code"], body["email"], typed, refusal.problem)
    return await signed_in(request, granted, "/bienvenue")


async def accept(request: web.Request) -> web.StreamResponse:
    """With the account one has."""
    session, typed = session_of(request), await typed_in(request)
    body = {name: typed.get(name, "") for name in ("code", "email")}
    try:
        await ask(request, "POST", "/guardian-acceptances", body=body)
    except Refusal as refusal:
        return await _form(request, body["code"], body["email"], typed, refusal.problem)
    request[SESSION] = await request.app[SESSIONS].outdate(session)
    await request.app[SESSIONS].set_account(session.key, await ask(request, "GET", "/me"))
    return see("/bienvenue")


ROUTES = [
    web.get("/createGuardian", open_link),
    web.post("/createGuardian", register),
    web.post("/rejoindre-foyer", accept),
]

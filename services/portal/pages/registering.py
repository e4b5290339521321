"""The link of an invitation: check what the town knows, choose a password, be registered."""

from typing import Any

from aiohttp import web

from services.portal.api import SESSION, Refusal, ask, code_of
from services.portal.forms import Form, Typed, shown_again, typed_in
from services.portal.pages.signing_in import signed_in
from services.portal.security import session_of
from services.portal.views import page
from shared.errors import N_

MOST_GUARDIANS = 2
MOST_CHILDREN = 30
GUARDIAN = ("civility", "first_name", "last_name", "phone")
CHILD = ("reference", "first_name", "last_name")
PASSWORDS_DIFFER = {
    "type": "/problems/passwords-differ",
    "status": 422,
    "title": N_("The two passwords differ"),
    "detail": N_("Type the same password in both fields."),
}


async def open_link(request: web.Request) -> web.StreamResponse:
    """`/createAccount?activationCode=…&email=…`: both prefilled and checked together."""
    code, email = request.query.get("activationCode", ""), request.query.get("email", "")
    if not code or not email:
        return _code_page(request, code, email)
    return await _registration(request, code, email)


def _code_page(
    request: web.Request, code: str, email: str, problem: dict[str, Any] | None = None
) -> web.StreamResponse:
    status = int(problem["status"]) if problem else 200
    used = problem is not None and code_of(problem) == "invitation-used"
    return page(request, "code.html", status=status, problem=problem, code=code, email=email, used=used)


async def _registration(
    request: web.Request, code: str, email: str, typed: Typed | None = None, problem: dict[str, Any] | None = None
) -> web.StreamResponse:
    """The form of an invitation, as the town filled it in or as the person typed it."""
    try:
        found = await _look_up(request, code, email)
    except Refusal as refusal:
        return _code_page(request, code, email, refusal.problem)
    if found["account_exists"] and found["kind"] == "family":
        return _join_page(request, code, found)
    form, above = shown_again(typed, problem) if typed is not None and problem else (Form(), None)
    return page(
        request,
        "register_agent.html" if found["kind"] == "agent" else "register.html",
        status=int(problem["status"]) if problem else 200,
        form=form,
        problem=above,
        code=code,
        email=found["email"],
        found=found,
        guardians=_guardians_shown(found),
    )


async def _look_up(request: web.Request, code: str, email: str) -> dict[str, Any]:
    body = {"code": code, "email": email}
    found: dict[str, Any] = await ask(request, "POST", "/invitations/lookup", body=body, anonymous=True)
    return found


def _guardians_shown(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Those the town knows, and room for a second."""
    known = (found["household"] or {}).get("guardians", [])
    return [*known, *({} for _ in range(MOST_GUARDIANS - len(known)))]


def _join_page(request: web.Request, code: str, found: dict[str, Any]) -> web.StreamResponse:
    """The address already has an account, from another town most likely."""
    session = request.get(SESSION)
    is_theirs = session is not None and session.email == found["email"]
    return page(request, "join.html", code=code, found=found, is_theirs=is_theirs, here=request.path_qs)


async def register(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    code, email = typed.get("code", ""), typed.get("email", "")
    if typed.get("password", "") != typed.get("again", ""):
        return await _registration(request, code, email, typed, PASSWORDS_DIFFER)
    is_agent = typed.get("kind", "") == "agent"
    path, body = ("/agent-registrations", _agent(typed)) if is_agent else ("/registrations", _family(typed))
    try:
        granted = await ask(request, "POST", path, body=body, anonymous=True)
    except Refusal as refusal:
        return await _registration(request, code, email, typed, refusal.problem)
    return await signed_in(request, granted, "/actualites" if is_agent else "/bienvenue")


def _agent(typed: Typed) -> dict[str, Any]:
    return {name: typed.get(name, "") for name in ("code", "email", "password")}


def _family(typed: Typed) -> dict[str, Any]:
    """The fields are named as the API's are: `guardians.0.first_name`."""
    guardians = [_part(typed, f"guardians.{number}", GUARDIAN) for number in range(MOST_GUARDIANS)]
    children = [_part(typed, f"children.{number}", CHILD) for number in range(MOST_CHILDREN)]
    return {
        **_agent(typed),
        "family_name": typed.get("family_name", ""),
        "guardians": [guardian for guardian in guardians if any(guardian.get(name) for name in GUARDIAN[1:])],
        "children": [child for child in children if child],
    }


def _part(typed: Typed, prefix: str, names: tuple[str, ...]) -> dict[str, str]:
    return {name: typed.get(f"{prefix}.{name}", "") for name in names if f"{prefix}.{name}" in typed}


async def welcome(request: web.Request) -> web.StreamResponse:
    session_of(request)
    return page(request, "welcome.html", household=await ask(request, "GET", "/household"))


async def ask_again(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    email = typed.get("email", "")
    try:
        await ask(request, "POST", "/invitations/renewal", body={"email": email}, anonymous=True)
    except Refusal as refusal:
        return _code_page(request, typed.get("code", ""), email, refusal.problem)
    return page(request, "asked_again.html")


ROUTES = [
    web.get("/createAccount", open_link),
    web.get("/createAgent", open_link),
    web.post("/createAccount", register),
    web.post("/createAgent", register),
    web.get("/bienvenue", welcome),
    web.post("/nouvelle-invitation", ask_again),
]

"""A forgotten password: the letter with a link, and the new password."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask
from services.portal.forms import shown_again, typed_in
from services.portal.pages.registering import PASSWORDS_DIFFER
from services.portal.views import page


async def show_form(request: web.Request) -> web.StreamResponse:
    return page(request, "forgotten.html", email=request.query.get("email", ""))


async def ask_link(request: web.Request) -> web.StreamResponse:
    """Always answered in the same way, whether the address is known or not."""
    typed = await typed_in(request)
    email = typed.get("email", "")
    try:
        await ask(request, "POST", "/password-resets", body={"email": email}, anonymous=True)
    except Refusal as refusal:
        form, above = shown_again(typed, refusal.problem)
        return page(request, "forgotten.html", status=refusal.status, form=form, problem=above, email=email)
    return page(request, "letter_sent.html", email=email)


async def show_choice(request: web.Request) -> web.StreamResponse:
    return page(request, "reset_password.html", token=request.query.get("token", ""))


async def choose(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    body = {name: typed.get(name, "") for name in ("token", "password")}
    problem: dict[str, Any] | None = None if body["password"] == typed.get("again", "") else PASSWORDS_DIFFER
    if problem is None:
        try:
            await ask(request, "POST", "/password-resets/confirmation", body=body, anonymous=True)
        except Refusal as refusal:
            problem = refusal.problem
    if problem is None:
        return page(request, "password_chosen.html")
    form, above = shown_again(typed, problem)
    shown = {"form": form, "problem": above, "token": body["token"]}
    return page(request, "reset_password.html", status=int(problem["status"]), **shown)


ROUTES = [
    web.get("/mot-de-passe-oublie", show_form),
    web.post("/mot-de-passe-oublie", ask_link),
    web.get("/resetPassword", show_choice),
    web.post("/resetPassword", choose),
]

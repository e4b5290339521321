"""A family account without an invitation: the form, the letter that confirms the address, the first sign-in."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask
from services.portal.forms import Form, Typed, shown_again, typed_in
from services.portal.pages.registering import PASSWORDS_DIFFER
from services.portal.pages.signing_in import signed_in
from services.portal.views import page

WRITTEN = ("email", "password", "family_name", "civility", "first_name", "last_name", "phone", "secondary_phone")


async def show_form(request: web.Request) -> web.StreamResponse:
    return page(request, "open_account.html")


async def ask_account(request: web.Request) -> web.StreamResponse:
    """Always answered in the same way: only the letter says whether the address had an account."""
    typed = await typed_in(request)
    if typed.get("password", "") != typed.get("again", ""):
        return _form_again(request, typed, PASSWORDS_DIFFER)
    try:
        await ask(request, "POST", "/accounts", body=_account(typed), anonymous=True)
    except Refusal as refusal:
        return _form_again(request, typed, refusal.problem)
    return page(request, "letter_sent.html", email=typed.get("email", ""))


def _account(typed: Typed) -> dict[str, Any]:
    return {
        **{name: typed.get(name, "") for name in WRITTEN},
        "secondary_email": typed.get("secondary_email") or None,
        "channels": [*typed.getall("channels", []), "inbox"],
    }


def _form_again(request: web.Request, typed: Typed, problem: dict[str, Any]) -> web.StreamResponse:
    form, above = shown_again(typed, problem)
    return page(request, "open_account.html", status=int(problem["status"]), form=form, problem=above)


async def show_verification(request: web.Request) -> web.StreamResponse:
    """`/verifyAccount?token=…`: a page and not yet the effect, for programs that read mail follow links too."""
    return page(request, "verify_account.html", token=request.query.get("token", ""))


async def verify(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    body = {name: typed.get(name, "") for name in ("token", "password")}
    try:
        granted = await ask(request, "POST", "/accounts/verification", body=body, anonymous=True)
    except Refusal as refusal:
        form, above = shown_again(typed, refusal.problem)
        shown: dict[str, Any] = {"form": Form(errors=form.errors), "problem": above, "token": body["token"]}
        return page(request, "verify_account.html", status=refusal.status, **shown)
    return await signed_in(request, granted, "/bienvenue")


ROUTES = [
    web.get("/inscription", show_form),
    web.post("/inscription", ask_account),
    web.get("/verifyAccount", show_verification),
    web.post("/verifyAccount", verify),
]

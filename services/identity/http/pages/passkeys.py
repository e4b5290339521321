"""The passkeys of whoever is signed in, and the sites they let know who they are."""

import json

import structlog
from aiohttp import web

from services.identity.domain.factors import Passkey
from services.identity.http.pages.enrolling import SignInFirst, fresh, sign_in_first
from services.identity.http.pages.security import FIRST_PAGE, NotAForm, keep_cookie, see, typed_in
from services.identity.http.pages.views import page, page_route, said
from services.identity.http.parts import PARTS
from shared.errors import NotFound, Refused
from shared.text import tidy

log = structlog.get_logger()
NAME_LENGTH = 60


async def show_passkeys(request: web.Request) -> web.StreamResponse:
    """Adding one is for somebody who proved who they are a moment ago."""
    return await _shown(request)


async def _shown(request: web.Request, refusal: Refused | None = None) -> web.Response:
    try:
        session = fresh(request)
    except SignInFirst:
        return sign_in_first(FIRST_PAGE)
    parts = request.app[PARTS]
    factors = await parts.log_in.factors.of(session.account_id)
    account = await parts.accounts.by_id(session.account_id)
    sites = [
        {"client_id": one.client_id, "name": client.name if client else one.client_id, "since": one.given_at.date()}
        for one in await parts.sites.consents.of_account(session.account_id)
        for client in [await parts.clients.find(one.client_id)]
    ]
    return page(
        request,
        "passkeys.html",
        status=refusal.status if refusal else 200,
        problem=said(request, refusal) if refusal else None,
        email=account.email if account else "",
        passkeys=[_described(one) for one in factors.passkeys],
        sites=sites,
        franceconnect=request.app[PARTS].franceconnect.provider.configured,
        scripted=True,
    )


def _described(passkey: Passkey) -> dict[str, object]:
    return {"id": passkey.id, "name": passkey.name, "since": passkey.added_at.date()}


async def offer_new_passkey(request: web.Request) -> web.StreamResponse:
    """What the page's script hands to the browser."""
    try:
        session = fresh(request)
    except SignInFirst:
        return web.json_response({"sign_in": FIRST_PAGE}, status=401)
    options = await request.app[PARTS].log_in.second_factors.ask_passkey(session.account_id)
    return web.json_response({"options": options}, headers={"Cache-Control": "no-store"})


async def add_passkey(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    try:
        session = fresh(request)
    except SignInFirst:
        return sign_in_first(FIRST_PAGE)
    name = tidy(typed.get("name", ""))[:NAME_LENGTH] or "Passkey"
    try:
        credential = json.loads(typed.get("credential", "") or "0")
        if not isinstance(credential, dict):
            raise NotAForm()
        factors = request.app[PARTS].log_in.second_factors
        enrolled = await factors.add_passkey(session.account_id, session.id, name, credential)
    except (ValueError, RecursionError):
        return await _shown(request, NotAForm())
    except Refused as refusal:
        return await _shown(request, refusal)
    log.info("passkey_added", account_id=session.account_id)
    if enrolled.recovery_codes:
        response = page(request, "recovery_codes.html", next=FIRST_PAGE, codes=enrolled.recovery_codes)
    else:
        response = see(FIRST_PAGE)
    if enrolled.opened:
        keep_cookie(request, response, enrolled.opened.refresh_token)
    return response


async def remove_passkey(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    try:
        session = fresh(request)
        await request.app[PARTS].log_in.second_factors.remove_passkey(session.account_id, typed.get("id", ""))
    except SignInFirst:
        return sign_in_first(FIRST_PAGE)
    except NotFound:
        return see(FIRST_PAGE)
    except Refused as refusal:
        return await _shown(request, refusal)
    log.info("passkey_removed", account_id=session.account_id)
    return see(FIRST_PAGE)


async def forget_site(request: web.Request) -> web.StreamResponse:
    """The person takes back what they agreed to."""
    typed = await typed_in(request)
    try:
        session = fresh(request)
    except SignInFirst:
        return sign_in_first(FIRST_PAGE)
    await request.app[PARTS].sites.authorizing.take_back(session.account_id, typed.get("client_id", ""))
    return see(FIRST_PAGE)


ROUTES = [
    page_route("GET", "/passkeys", show_passkeys),
    page_route("POST", "/passkeys/options", offer_new_passkey),
    page_route("POST", "/passkeys", add_passkey),
    page_route("POST", "/passkeys/removal", remove_passkey),
    page_route("POST", "/sites/removal", forget_site),
]

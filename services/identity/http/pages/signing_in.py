"""Signing in: with a password, perhaps a second step, or with a passkey alone."""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from aiohttp import web

from services.identity.domain.proofs import Answer, Challenge, ChallengeOver, Proven
from services.identity.http.pages.security import NotAForm, form_token, inside, signed_in, typed_in
from services.identity.http.pages.views import leads_to, page, page_route, said
from services.identity.http.parts import PARTS, client_address
from shared.errors import Refused

log = structlog.get_logger()
EMAIL_LENGTH, PASSWORD_LENGTH = 254, 256


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    return await _sign_in_page(request, request.query.get("next", ""), request.query.get("email", ""))


async def _sign_in_page(
    request: web.Request, next_page: str, email: str, refusal: Refused | None = None
) -> web.Response:
    return page(
        request,
        "sign_in.html",
        status=refusal.status if refusal else 200,
        problem=said(request, refusal) if refusal else None,
        next=inside(next_page),
        email=email[:EMAIL_LENGTH],
        franceconnect=request.app[PARTS].franceconnect.provider.configured,
        leads_to=await leads_to(request, next_page),
        scripted=True,
    )


async def sign_in(request: web.Request) -> web.StreamResponse:
    """With an address and a password."""
    typed = await typed_in(request)
    next_page, email = typed.get("next", ""), typed.get("email", "")
    signing_in = request.app[PARTS].signing_in
    try:
        proven = await signing_in.prove_password(
            email[:EMAIL_LENGTH], typed.get("password", "")[:PASSWORD_LENGTH], client_address(request)
        )
    except Refused as refusal:
        log.warning("sign_in_refused", code=refusal.code)
        return await _sign_in_page(request, next_page, email, refusal)
    return await go_on(request, proven, next_page)


async def go_on(request: web.Request, proven: Proven, next_page: str) -> web.Response:
    """By way of the second step, when the account has one."""
    challenge = await request.app[PARTS].signing_in.second_factor_for(proven)
    if challenge is not None:
        return await _second_step(request, next_page, challenge)
    return await _welcome(request, proven, next_page)


async def _welcome(request: web.Request, proven: Proven, next_page: str) -> web.Response:
    log.info("signed_in_at_the_provider", account_id=proven.account.id)
    return await signed_in(request, proven, next_page)


async def _second_step(
    request: web.Request, next_page: str, challenge: Challenge, refusal: Refused | None = None
) -> web.Response:
    return page(
        request,
        "second_factor.html",
        status=refusal.status if refusal else 200,
        problem=said(request, refusal) if refusal else None,
        next=inside(next_page),
        challenge=challenge.token,
        methods=challenge.methods,
        options=json.dumps(challenge.passkey_options) if challenge.passkey_options else "",
        leads_to=await leads_to(request, next_page),
        scripted=bool(challenge.passkey_options),
    )


async def prove_second_factor(request: web.Request) -> web.StreamResponse:
    """With a code of the app, a recovery code or a passkey, after the password."""
    typed = await typed_in(request)
    next_page = typed.get("next", "")
    answer = Answer(
        code=typed.get("code", "")[:20],
        recovery_code=typed.get("recovery_code", "")[:60],
        credential=_credential(typed),
    )
    try:
        proven = await request.app[PARTS].signing_in.prove_second_factor(
            typed.get("challenge", ""), answer, client_address(request)
        )
    except ChallengeOver as refusal:
        return await _sign_in_page(request, next_page, "", refusal)
    except Refused as refusal:
        return await _second_step(request, next_page, _asked_before(typed), refusal)
    return await _welcome(request, proven, next_page)


def _asked_before(typed: Mapping[str, str]) -> Challenge:
    """The same step again, as the page that was sent described it."""
    return Challenge(
        token=typed.get("challenge", ""),
        methods=tuple(typed.get("methods", "").split()),
        passkey_options=_object(typed.get("options", "")) or None,
    )


async def offer_passkey(request: web.Request) -> web.StreamResponse:
    """What the page's script hands to the browser; the only answer that is no page."""
    challenge = await request.app[PARTS].signing_in.ask_passkey()
    offered = {"challenge": challenge.token, "options": challenge.passkey_options, "form": form_token(request)}
    return web.json_response(offered, headers={"Cache-Control": "no-store"})


async def sign_in_by_passkey(request: web.Request) -> web.StreamResponse:
    typed = await typed_in(request)
    next_page = typed.get("next", "")
    try:
        credential = _credential(typed)
        if credential is None:
            raise NotAForm()
        proven = await request.app[PARTS].signing_in.prove_passkey(
            typed.get("challenge", ""), credential, client_address(request)
        )
    except Refused as refusal:
        log.warning("sign_in_refused", code=refusal.code)
        return await _sign_in_page(request, next_page, "", refusal)
    return await _welcome(request, proven, next_page)


def _credential(typed: Mapping[str, str]) -> Mapping[str, Any] | None:
    return _object(typed["credential"]) if typed.get("credential") else None


def _object(text: str) -> dict[str, Any]:
    """Raises `NotAForm` for what no script of ours wrote."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise NotAForm() from None
    if not isinstance(found, dict):
        raise NotAForm()
    return found


ROUTES = [
    page_route("GET", "/sign-in", show_sign_in),
    page_route("POST", "/sign-in", sign_in),
    page_route("POST", "/second-factor", prove_second_factor),
    page_route("POST", "/passkey-options", offer_passkey),
    page_route("POST", "/passkey", sign_in_by_passkey),
]

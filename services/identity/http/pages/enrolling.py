"""A second factor for agents who have none: an authenticator app, and recovery codes for the day it is lost."""

import structlog
from aiohttp import web

from services.identity.domain.factors import AppCodeWrong
from services.identity.domain.sessions import Session
from services.identity.domain.totp import qr_svg
from services.identity.http.pages.security import inside, keep_cookie, quoted, see, session_of, typed_in
from services.identity.http.pages.views import leads_to, page, page_route, said
from services.identity.http.parts import PARTS
from services.identity.usecases.freshness import FRESH_FOR
from shared.errors import Refused

log = structlog.get_logger()
HERE = "/oauth/enrolment"


class SignInFirst(Exception):
    """Nobody is signed in, or not lately enough for what the page changes."""


def fresh(request: web.Request) -> Session:
    """The session, proved a moment ago. Raises `SignInFirst`."""
    session = session_of(request)
    if session is None or request.app[PARTS].clock() - session.authenticated_at > FRESH_FOR:
        raise SignInFirst()
    return session


def sign_in_first(here: str) -> web.Response:
    return see(f"/oauth/sign-in?next={quoted(here)}")


async def show_enrolment(request: web.Request) -> web.StreamResponse:
    """Why, and how to begin; whoever has a second factor goes on."""
    next_page = inside(request.query.get("next", ""))
    try:
        session = fresh(request)
    except SignInFirst:
        return sign_in_first(next_page)
    if session.strong:
        return see(next_page)
    return page(request, "enrolment.html", next=next_page, leads_to=await leads_to(request, next_page))


async def begin(request: web.Request) -> web.StreamResponse:
    """A secret for the app, as a picture and as letters."""
    next_page = inside((await typed_in(request)).get("next", ""))
    try:
        session = fresh(request)
    except SignInFirst:
        return sign_in_first(next_page)
    return await _app_page(request, next_page, session)


async def _app_page(
    request: web.Request, next_page: str, session: Session, refusal: Refused | None = None
) -> web.Response:
    made = await request.app[PARTS].log_in.second_factors.add_app(session.account_id, session.id)
    return page(
        request,
        "authenticator.html",
        status=refusal.status if refusal else 200,
        problem=said(request, refusal) if refusal else None,
        next=next_page,
        uri=made.uri,
        secret=made.secret,
        qr=qr_svg(made.uri),
        leads_to=await leads_to(request, next_page),
    )


async def confirm(request: web.Request) -> web.StreamResponse:
    """The app shows the right code: the recovery codes, once."""
    typed = await typed_in(request)
    next_page = inside(typed.get("next", ""))
    try:
        session = fresh(request)
    except SignInFirst:
        return sign_in_first(next_page)
    factors = request.app[PARTS].log_in.second_factors
    try:
        enrolled = await factors.confirm_app(session.account_id, session.id, typed.get("code", "").replace(" ", ""))
    except AppCodeWrong as refusal:
        return await _app_page(request, next_page, session, refusal)
    log.info("authenticator_app_added", account_id=session.account_id)
    response = page(request, "recovery_codes.html", next=next_page, codes=enrolled.recovery_codes)
    if enrolled.opened:
        keep_cookie(request, response, enrolled.opened.refresh_token)
    return response


ROUTES = [
    page_route("GET", "/enrolment", show_enrolment),
    page_route("POST", "/enrolment", begin),
    page_route("POST", "/enrolment/code", confirm),
]

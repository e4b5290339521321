"""FranceConnect, as a browser goes through it: there and back, and what an identity nobody knows can do next."""

import structlog
from aiohttp import web

from services.identity.domain.accounts import AccountExists
from services.identity.domain.federations import FranceConnectOff, NobodyToLink
from services.identity.domain.proofs import SignInAgain
from services.identity.domain.sessions import Session
from services.identity.http.pages.enrolling import SignInFirst, sign_in_first
from services.identity.http.pages.farewell import HINT
from services.identity.http.pages.security import (
    COOKIE,
    forget,
    inside,
    keep,
    kept,
    origin_of,
    quoted,
    see,
    session_of,
    signed_in,
    typed_in,
)
from services.identity.http.pages.signing_in import go_on
from services.identity.http.pages.views import leads_to, page, page_route, said
from services.identity.http.parts import PARTS, client_address
from services.identity.usecases.adopt_stranger import adopt_stranger
from services.identity.usecases.franceconnect import FranceConnect, Known, Linked, Returned, Unknown
from shared.auth import Caller
from shared.errors import Refused
from shared.i18n import show
from shared.problems import language_of

log = structlog.get_logger()
HERE = "/oauth/franceconnect"
STRANGER = "preau-newcomer"
LONGEST_TYPED = 256


def _desk(request: web.Request) -> FranceConnect:
    """Raises `FranceConnectOff`."""
    desk = request.app[PARTS].franceconnect
    if not desk.provider.configured:
        raise FranceConnectOff()
    return desk


async def _proved(request: web.Request) -> Session:
    """The session, proved a moment ago, with the second factor of an account that has one. Raises `SignInFirst`."""
    session = session_of(request)
    if session is None:
        raise SignInFirst()
    try:
        await request.app[PARTS].fresh.check(Caller(account_id=session.account_id, session_id=session.id))
    except SignInAgain:
        raise SignInFirst() from None
    return session


async def start(request: web.Request) -> web.StreamResponse:
    """Off to FranceConnect to sign in."""
    next_page = inside(request.query.get("next", ""))
    try:
        return see(await _desk(request).depart(request[COOKIE], next_page))
    except FranceConnectOff:
        raise
    except Refused as refusal:
        return await _failed(request, refusal, next_page)


async def come_back(request: web.Request) -> web.StreamResponse:
    """Back from FranceConnect, with a code or an error."""
    said_there = {name: request.query.get(name, "")[:2000] for name in ("state", "code", "error")}
    returned = Returned(**said_there, issuer=request.query.get("iss", "")[:500])
    try:
        arrival = await _desk(request).arrive(returned, request[COOKIE])
    except FranceConnectOff:
        raise
    except Refused as refusal:
        log.warning("franceconnect_refused", code=refusal.code)
        return await _failed(request, refusal, str(refusal.facts.get("next_page", "")))
    response = await _arrived(request, arrival)
    keep(request, response, HINT, arrival.hint)
    return response


async def _arrived(request: web.Request, arrival: Known | Linked | Unknown) -> web.Response:
    if isinstance(arrival, Known):
        log.info("franceconnect_signed_in", account_id=arrival.proven.account.id)
        return await go_on(request, arrival.proven, arrival.next)
    if isinstance(arrival, Linked):
        log.info("franceconnect_linked")
        return see(arrival.next)
    response = see(f"{HERE}/newcomer")
    keep(request, response, STRANGER, arrival.token)
    return response


async def _failed(request: web.Request, refusal: Refused, next_page: str) -> web.Response:
    """Why, and the way back to the other ways of signing in."""
    return page(
        request,
        "franceconnect_failed.html",
        status=refusal.status,
        problem=said(request, refusal),
        next=inside(next_page),
    )


async def show_newcomer(request: web.Request) -> web.StreamResponse:
    """Nobody is linked to this identity: sign in once, or type the town's code."""
    return await _newcomer_page(request)


async def _newcomer_page(request: web.Request, refusal: Refused | None = None) -> web.Response:
    stranger = await _desk(request).stranger(kept(request, STRANGER))
    typed = await typed_in(request) if request.method == "POST" else {}
    return page(
        request,
        "franceconnect_newcomer.html",
        status=refusal.status if refusal else 200,
        problem=said(request, refusal) if refusal else None,
        name=stranger.identity.name,
        code=typed.get("code", "")[:40],
        email=typed.get("email", "")[:254],
        known=isinstance(refusal, AccountExists),
        confirm=quoted(f"{HERE}/confirmation"),
        leads_to=await leads_to(request, stranger.next),
    )


async def adopt(request: web.Request) -> web.StreamResponse:
    """With the code of the town's letter: an account, linked from the start."""
    parts, typed = request.app[PARTS], await typed_in(request)
    token = kept(request, STRANGER)
    stranger = await _desk(request).stranger(token)
    try:
        proven = await adopt_stranger(
            token,
            typed.get("code", "")[:LONGEST_TYPED],
            typed.get("email", "")[:LONGEST_TYPED],
            typed.get("password", "")[:LONGEST_TYPED],
            address=client_address(request),
            franceconnect=parts.franceconnect,
            invitations=parts.invitations,
            accounts=parts.accounts,
            admissions=parts.admissions,
            passwords=parts.passwords,
            clock=parts.clock,
        )
    except NobodyToLink:
        raise
    except Refused as refusal:
        return await _newcomer_page(request, refusal)
    log.info("family_registered", account_id=proven.account.id, by="franceconnect")
    response = await signed_in(request, proven, stranger.next)
    forget(request, response, STRANGER)
    return response


async def ask_confirmation(request: web.Request) -> web.StreamResponse:
    """Signed in meanwhile: is this identity to be linked to this account?"""
    stranger = await _desk(request).stranger(kept(request, STRANGER))
    try:
        session = await _proved(request)
    except SignInFirst:
        return sign_in_first(f"{HERE}/confirmation")
    account = await request.app[PARTS].accounts.by_id(session.account_id)
    return page(
        request,
        "franceconnect_confirmation.html",
        name=stranger.identity.name,
        email=account.email if account else "",
        leads_to=await leads_to(request, stranger.next),
    )


async def confirm(request: web.Request) -> web.StreamResponse:
    """The person said yes, or no."""
    token = kept(request, STRANGER)
    stranger = await _desk(request).stranger(token)
    try:
        session = await _proved(request)
    except SignInFirst:
        return sign_in_first(f"{HERE}/confirmation")
    if (await typed_in(request)).get("decision") == "link":
        await _desk(request).adopt(token, session.account_id)
        log.info("franceconnect_linked", account_id=session.account_id)
    response = see(inside(stranger.next))
    forget(request, response, STRANGER)
    return response


async def show_link(request: web.Request) -> web.StreamResponse:
    """Whether the account is linked, and the button for it."""
    desk = _desk(request)
    try:
        session = await _proved(request)
    except SignInFirst:
        return sign_in_first(f"{HERE}/link")
    account = await request.app[PARTS].accounts.by_id(session.account_id)
    linked = next(iter(await desk.federations.of_account(session.account_id)), None)
    return page(
        request,
        "franceconnect_link.html",
        email=account.email if account else "",
        federation=linked.id if linked else "",
        since=show(linked.linked_at.date(), language_of(request)) if linked else "",
        leads_to=[origin_of(await desk.provider.authorization_page())] if linked is None else [],
    )


async def link(request: web.Request) -> web.StreamResponse:
    """Off to FranceConnect to link this account."""
    try:
        session = await _proved(request)
    except SignInFirst:
        return sign_in_first(f"{HERE}/link")
    return see(await _desk(request).depart(request[COOKIE], f"{HERE}/link", session.account_id))


async def unlink(request: web.Request) -> web.StreamResponse:
    try:
        session = await _proved(request)
    except SignInFirst:
        return sign_in_first(f"{HERE}/link")
    federation_id = (await typed_in(request)).get("federation", "")[:60]
    await _desk(request).unlink(federation_id, session.account_id)
    log.info("franceconnect_unlinked", federation_id=federation_id)
    return see(f"{HERE}/link")


ROUTES = [
    page_route("GET", "/franceconnect/start", start),
    page_route("GET", "/franceconnect/callback", come_back),
    page_route("GET", "/franceconnect/newcomer", show_newcomer),
    page_route("POST", "/franceconnect/newcomer", adopt),
    page_route("GET", "/franceconnect/confirmation", ask_confirmation),
    page_route("POST", "/franceconnect/confirmation", confirm),
    page_route("GET", "/franceconnect/link", show_link),
    page_route("POST", "/franceconnect/link", link),
    page_route("POST", "/franceconnect/unlink", unlink),
]

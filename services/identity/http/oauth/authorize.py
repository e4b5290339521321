"""Where a site sends a browser to have somebody sign in, and from where the browser goes back with a code."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from aiohttp import web
from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError, LoginRequiredError

from services.identity.domain.authorizations import Asked, Step
from services.identity.domain.clients import Client
from services.identity.domain.sessions import Session
from services.identity.http.oauth.protocol import Facts, Provider
from services.identity.http.oauth.requests import of_params, read
from services.identity.http.pages.security import origin_of, quoted, see, session_of, typed_in
from services.identity.http.pages.views import page, page_route
from services.identity.http.parts import PARTS
from shared.errors import N_, Refused

log = structlog.get_logger()
OPENID = "openid"
# What a request may hold that we do not do, with the error OpenID Connect has for it (Core 1.0, section 3.1.2.6).
NOT_DONE = {"request": "request_not_supported", "request_uri": "request_uri_not_supported"}
SILENT = {
    Step.SIGN_IN: LoginRequiredError,
    Step.ENROL: InteractionRequiredError,
    Step.ASK: ConsentRequiredError,
}
WORDS = {
    "profile": N_("your first name, your last name and your language"),
    "email": N_("your e-mail address"),
    "phone": N_("your telephone number"),
    "preau": N_("your bookings, invoices and requests: it can read them and act in your name"),
    "offline_access": N_("all this also while you are away, until you take your agreement back"),
}


class SiteUnknown(Refused):
    """No such site, or not one that may send browsers there: the browser goes nowhere."""

    code = "site-unknown"
    status = 400
    title = N_("This site is not known here")
    sentence = N_("The site you come from is not registered with us, or asked to send you to another address.")
    remedy = N_("Go back to the site and tell those who run it. You are not signed in anywhere.")


class RequestLost(Refused):
    code = "sign-in-lapsed"
    status = 400
    title = N_("This sign-in has lapsed")
    sentence = N_("The sign-in you came for was finished, or began more than 30 minutes ago.")
    remedy = N_("Go back to the site you come from and sign in again.")


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A request whose site and address are right; `handle` is empty while it is not kept."""

    asked: Asked
    client: Client
    handle: str = ""

    @property
    def here(self) -> str:
        """Where our pages lead back to."""
        return f"/oauth/authorize?asked={self.handle}"


async def authorize(request: web.Request) -> web.StreamResponse:
    """OpenID Connect Core 1.0, section 3.1.2; a code for the site, or the page that is missing before it."""
    arrived, session = await _arrived(request), session_of(request)
    parts = request.app[PARTS]
    try:
        provider = _checked(request, arrived, session)
        step = await parts.sites.authorizing.step(arrived.asked, arrived.client, session)
        if step is Step.ANSWER and session is not None:
            return await _answer(request, arrived, session, provider)
        if arrived.asked.silent:
            raise SILENT[step]()
    except OAuth2Error as error:
        return _back(request, arrived, error.get_body())
    arrived = await _kept(request, arrived)
    return await _missing(request, arrived, step)


async def authorize_by_form(request: web.Request) -> web.StreamResponse:
    """The same, sent as a form by another site: the browser brings its cookie only when it follows a link."""
    return see((await _kept(request, await _arrived(request))).here)


async def _arrived(request: web.Request) -> Arrived:
    """Raises `SiteUnknown`, `RequestLost`."""
    parts = request.app[PARTS]
    handle = request.query.get("asked", "")
    if handle:
        asked = await parts.sites.authorizations.find(handle, parts.clock())
        if asked is None:
            raise RequestLost()
    else:
        asked = await _sent(request)
    client = await parts.sites.authorizing.site(asked.client_id)
    # As it was registered, letter by letter (RFC 9700, section 2.1).
    if client is None or asked.redirect_uri not in client.redirect_uris:
        log.warning("site_unknown")
        raise SiteUnknown()
    return Arrived(asked=asked, client=client, handle=handle)


async def _sent(request: web.Request) -> Asked:
    parts = request.app[PARTS]
    try:
        asking = await read(request, parts.sites.public_url)
    except OAuth2Error:
        # Which of two addresses would be the right one to go back to?
        raise SiteUnknown() from None
    return Asked(params=asking.payload.data, at=parts.clock())


async def _kept(request: web.Request, arrived: Arrived) -> Arrived:
    if arrived.handle:
        return arrived
    handle = await request.app[PARTS].sites.authorizing.keep(arrived.asked)
    return Arrived(asked=arrived.asked, client=arrived.client, handle=handle)


def _checked(request: web.Request, arrived: Arrived, session: Session | None) -> Provider:
    """Raises `OAuth2Error`."""
    parts, asked = request.app[PARTS], arrived.asked
    for name, error in NOT_DONE.items():
        if name in asked.params:
            raise OAuth2Error(error=error)
    if asked.params.get("response_mode", "query") != "query" or not asked.is_sound():
        raise InvalidRequestError("'response_mode', 'prompt' or 'max_age' is not as expected.")
    if OPENID not in asked.scopes:
        raise InvalidRequestError("'openid' must be among the scopes.")
    provider = Provider(Facts(now=parts.clock(), client=arrived.client), parts.sites.tokens)
    asking = of_params(asked.params, f"{parts.sites.public_url}/oauth/authorize")
    provider.grant = provider.get_consent_grant(asking, end_user=session and session.account_id)
    return provider


async def _answer(request: web.Request, arrived: Arrived, session: Session, provider: Provider) -> web.Response:
    sites, asked = request.app[PARTS].sites, arrived.asked
    asking = provider.grant.request
    status, _, headers = provider.create_authorization_response(
        asking, grant_user=session.account_id, grant=provider.grant
    )
    code = provider.facts.new_code
    if status != HTTPStatus.FOUND or not code:
        raise RequestLost()
    if not await sites.authorizing.issue(asked, arrived.client, session, code, arrived.handle):
        raise RequestLost()
    log.info("site_answered", client_id=arrived.client.id, session_id=session.id)
    return _to_site(request, dict(headers)["Location"])


def _back(request: web.Request, arrived: Arrived, error: list[tuple[str, str]]) -> web.Response:
    """To the site, with what went wrong."""
    state = arrived.asked.params.get("state")
    found = [(name, value) for name, value in error if name != "state"]
    log.info("site_refused", client_id=arrived.client.id, error=dict(found).get("error"))
    pairs = [*found, *([("state", state)] if state else [])]
    return _to_site(request, add_params_to_uri(arrived.asked.redirect_uri, pairs))


def _to_site(request: web.Request, location: str) -> web.Response:
    """Every answer names who gives it (RFC 9207), so that no site takes it for another provider's."""
    return see(add_params_to_uri(location, [("iss", request.app[PARTS].sites.public_url)]))


async def _missing(request: web.Request, arrived: Arrived, step: Step) -> web.Response:
    if step is Step.SIGN_IN:
        return see(f"/oauth/sign-in?next={quoted(arrived.here)}")
    if step is Step.ENROL:
        return see(f"/oauth/enrolment?next={quoted(arrived.here)}")
    account = await request.app[PARTS].accounts.by_id(_signed_in(request).account_id)
    return page(
        request,
        "consent.html",
        site=arrived.client.name,
        host=origin_of(arrived.asked.redirect_uri).partition("://")[2],
        words=[words for scope, words in WORDS.items() if scope in arrived.asked.scopes],
        asked=arrived.handle,
        email=account.email if account else "",
        here=arrived.here,
        leads_to=[origin_of(arrived.asked.redirect_uri)],
    )


async def decide(request: web.Request) -> web.StreamResponse:
    """The person agrees, or does not."""
    typed = await typed_in(request)
    parts = request.app[PARTS]
    handle = typed.get("asked", "")
    asked = await parts.sites.authorizations.find(handle, parts.clock()) if handle else None
    client = await parts.sites.authorizing.site(asked.client_id) if asked else None
    if asked is None or client is None or asked.redirect_uri not in client.redirect_uris:
        raise RequestLost()
    arrived = Arrived(asked=asked, client=client, handle=handle)
    if typed.get("decision") != "agree":
        await parts.sites.authorizations.forget(handle)
        return _back(request, arrived, AccessDeniedError().get_body())
    await parts.sites.authorizing.agree(asked, client, _signed_in(request))
    return see(arrived.here)


def _signed_in(request: web.Request) -> Session:
    """Raises `RequestLost`."""
    session = session_of(request)
    if session is None:
        raise RequestLost()
    return session


ROUTES = [
    page_route("GET", "/authorize", authorize),
    page_route("POST", "/authorize", authorize_by_form, checked=False),
    page_route("POST", "/consent", decide),
]

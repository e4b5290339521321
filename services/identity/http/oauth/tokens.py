"""The token endpoint, revocation and userinfo: what a site's own server asks for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from aiohttp import web
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.util import extract_basic_authorization

from services.identity.domain.clients import ScopeRefused
from services.identity.domain.grants import Grant
from services.identity.http.oauth.parts import Sites
from services.identity.http.oauth.protocol import CodeGrant, Facts, PartnerGrant, Provider, RefreshGrant
from services.identity.http.oauth.requests import Asking, read
from services.identity.http.parts import PARTS, Parts
from services.identity.usecases.granting import Spent
from shared.web import ANYONE, Route

log = structlog.get_logger()
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
BEARER = 'Bearer realm="preau"'


async def give_token(request: web.Request) -> web.Response:
    """RFC 6749, section 3.2: a code, a refresh token or a partner's secret for an access token."""
    parts = request.app[PARTS]
    try:
        asked = await read(request, parts.sites.public_url)
        facts = await _facts(parts, asked)
        provider = Provider(facts, parts.sites.tokens)
        body = await _granted(parts, provider, asked)
    except OAuth2Error as error:
        return _answered(*error())
    return web.json_response(body, headers=NOT_KEPT)


async def _facts(parts: Parts, asked: Asking) -> Facts:
    """Everything the rules may ask about, by what the request names."""
    granting = parts.sites.granting
    facts = Facts(now=parts.clock(), client=await parts.clients.find(_client_id(asked)))
    if asked.value("grant_type") == CodeGrant.GRANT_TYPE:
        facts.code = await granting.find_code(asked.value("code"))
        facts.grant = await granting.grants.find(facts.code.grant_id) if facts.code else None
    elif asked.value("grant_type") == RefreshGrant.GRANT_TYPE:
        facts.grant, facts.presented = await granting.find_refreshable(asked.value("refresh_token"))
    return facts


def _client_id(asked: Asking) -> str:
    by_header, _ = extract_basic_authorization(asked.headers)
    return str(by_header or asked.value("client_id"))


async def _granted(parts: Parts, provider: Provider, asked: Asking) -> Mapping[str, Any]:
    """Asked of the rules, then written, then answered. Raises `OAuth2Error`."""
    grant = provider.get_token_grant(asked)
    try:
        grant.validate_token_request()
    finally:
        if provider.facts.reused:
            await _end(parts.sites, provider.facts)
    if isinstance(grant, PartnerGrant):
        return await _to_partner(parts, provider, asked)
    try:
        provider.facts.given = await GIVING[type(grant)](parts.sites, provider.facts)
    except Spent:
        log.warning("grant_reused")
        raise InvalidGrantError("Served already, or its person signed out.") from None
    _, body, _ = grant.create_token_response()
    log.info("site_token_given", client_id=_id_of(provider.facts))
    return dict(body)


async def _end(sites: Sites, facts: Facts) -> None:
    log.warning("grant_reused", client_id=_id_of(facts))
    if facts.grant is not None:
        await sites.granting.end_reused(facts.grant)


async def _redeem(sites: Sites, facts: Facts) -> Any:
    if facts.code is None:
        raise Spent()
    return await sites.granting.redeem(facts.code)


async def _refresh(sites: Sites, facts: Facts) -> Any:
    if facts.grant is None:
        raise Spent()
    return await sites.granting.refresh(facts.grant, facts.presented)


GIVING: Mapping[type, Callable[[Sites, Facts], Awaitable[Any]]] = {CodeGrant: _redeem, RefreshGrant: _refresh}


async def _to_partner(parts: Parts, provider: Provider, asked: Asking) -> Mapping[str, Any]:
    client = provider.facts.client
    if client is None:
        raise InvalidGrantError()
    try:
        token = await parts.partner_tokens.issue(client, asked.value("scope"))
    except ScopeRefused:
        raise InvalidScopeError() from None
    return {
        "token_type": "Bearer",
        "access_token": token.access_token,
        "expires_in": token.expires_in,
        "scope": token.scope,
    }


def _id_of(facts: Facts) -> str:
    return facts.client.id if facts.client else ""


def _answered(status: int, body: Any, headers: Sequence[tuple[str, str]]) -> web.Response:
    kept = {name: value for name, value in headers if name.lower() == "www-authenticate"}
    if isinstance(body, dict) and body.get("error") == "invalid_client":
        # An unknown client and a wrong secret are told apart nowhere.
        status, body = 401, {"error": "invalid_client"}
    return web.json_response(body, status=status, headers={**NOT_KEPT, **kept})


async def revoke_token(request: web.Request) -> web.Response:
    """RFC 7009: the whole grant of the token ends; 200 also for a token that is none."""
    parts = request.app[PARTS]
    sites = parts.sites
    try:
        asked = await read(request, sites.public_url)
        grant = await _named(sites, asked.value("token"))
        facts = Facts(now=parts.clock(), client=await parts.clients.find(_client_id(asked)), grant=grant)
    except OAuth2Error as error:
        return _answered(*error())
    answer = _answered(*Provider(facts, sites.tokens).create_endpoint_response("revocation", asked))
    if grant is not None and answer.status == HTTPStatus.OK:
        await sites.granting.revoke(grant)
        log.info("site_token_revoked", client_id=_id_of(facts))
    return answer


async def _named(sites: Sites, token: str) -> Grant | None:
    grant, presented = await sites.granting.find_refreshable(token)
    if grant is not None and presented == grant.refresh_hash:
        return grant
    return await sites.granting.find_by_access(token)


async def show_userinfo(request: web.Request) -> web.Response:
    """OpenID Connect Core 1.0, section 5.3: the claims the person agreed to, as they are now."""
    granting = request.app[PARTS].sites.granting
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return web.json_response({}, status=401, headers={**NOT_KEPT, "WWW-Authenticate": BEARER})
    grant = await granting.find_by_access(token)
    claims = await granting.tell_about(grant) if grant else None
    if claims is None:
        refused = {**NOT_KEPT, "WWW-Authenticate": f'{BEARER}, error="invalid_token"'}
        return web.json_response({"error": "invalid_token"}, status=401, headers=refused)
    return web.json_response(claims, headers=NOT_KEPT)


ROUTES = [
    Route(method="POST", path="/oauth/token", handler=give_token, who=ANYONE, hidden=True),
    Route(method="POST", path="/oauth/revoke", handler=revoke_token, who=ANYONE, hidden=True),
    Route(method="GET", path="/oauth/userinfo", handler=show_userinfo, who=ANYONE, hidden=True),
    Route(method="POST", path="/oauth/userinfo", handler=show_userinfo, who=ANYONE, hidden=True),
]

"""Requests carried to the service that answers them, streamed both ways, and never with headers a client forged."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import aiohttp
import structlog
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from services.gateway.addresses import nearest_stranger, networks
from services.gateway.rates import Rates
from services.gateway.routes import OPEN, SERVICE_OF, needs_key, resource_of
from services.gateway.settings import Settings
from shared import context
from shared.auth import Caller
from shared.errors import KeyMissing, NotFound, TooLarge, Unauthenticated, Unavailable
from shared.web import TOKENS

log = structlog.get_logger()
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "host", "content-length"}
)
# What only this gateway may say about a caller, or what a client might hope a service believes.
FORGEABLE_PREFIXES = ("x-forwarded-", "x-client-", "x-user", "x-account", "x-tenant", "x-real-ip", "forwarded")
SMALL_ANSWER = 64 * 1024
SMALL_BODY = 16 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=2, sock_read=60)
UNREACHABLE = (aiohttp.ClientError, TimeoutError, ConnectionError)
UPSTREAM_CONNECTIONS = 256


def new_session() -> aiohttp.ClientSession:
    """Connections to the services, shared by all callers: what a service sets as a cookie is the caller's to keep."""
    connector = aiohttp.TCPConnector(limit=UPSTREAM_CONNECTIONS, keepalive_timeout=10)
    return aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())


class Proxy:
    """One per process; `handle` answers every `/api/v1/…` request."""

    def __init__(self, session: aiohttp.ClientSession, settings: Settings, rates: Rates) -> None:
        self._session = session
        self._upstreams = settings.upstreams
        self._rates = rates
        self._trusted = networks(settings.trusted_peers)
        self._body_limit = settings.body_limit_mb * 1024 * 1024

    async def handle(self, request: web.Request) -> web.StreamResponse:
        resource = resource_of(request.path)
        service = SERVICE_OF.get(resource)
        if service is None:
            raise NotFound()
        headers = _clean(request.headers)
        caller = await self._caller(request, is_open=resource in OPEN)
        if caller is None:
            headers.popall("Authorization", None)
            await self._rates.admit_address(self.client_address(request))
        else:
            await self._rates.admit_account(caller.account_id)
        if needs_key(request.method, request.path) and not request.headers.get("Idempotency-Key"):
            raise KeyMissing()
        headers["X-Client-Address"] = self.client_address(request)
        headers["X-Request-Id"] = context.request_id.get()
        return await self._forward(request, self._upstreams[service], headers)

    def always_to(
        self, service: str, *, with_credentials: bool = False
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler for what one service shows to everybody; with credentials when it checks those of others itself."""

        async def handle(request: web.Request) -> web.StreamResponse:
            await self._rates.admit_address(self.client_address(request))
            headers = _clean(request.headers)
            if not with_credentials:
                headers.popall("Authorization", None)
            headers["X-Client-Address"] = self.client_address(request)
            headers["X-Request-Id"] = context.request_id.get()
            return await self._forward(request, self._upstreams[service], headers)

        return handle

    async def _caller(self, request: web.Request, *, is_open: bool) -> Caller | None:
        """Who calls; nobody is only let through to open resources, where a stale token must not stand in the way."""
        authorization = request.headers.get("Authorization", "")
        if is_open and not authorization:
            return None
        try:
            return await request.app[TOKENS].caller(authorization)
        except Unauthenticated:
            if is_open:
                return None
            raise

    def client_address(self, request: web.Request) -> str:
        """The caller's own, whatever trusted proxies stand between."""
        said = request.headers.get("X-Forwarded-For", "")
        return nearest_stranger(request.remote or "unknown", said, self._trusted)

    async def _forward(self, request: web.Request, base: str, headers: CIMultiDict[str]) -> web.StreamResponse:
        if (request.content_length or 0) > self._body_limit:
            raise TooLarge(limit_kb=self._body_limit // 1024)
        body = await self._body(request)
        if isinstance(body, Counted) and request.content_length is not None:
            headers["Content-Length"] = str(request.content_length)
        target = URL(f"{base}{request.rel_url.raw_path_qs}", encoded=True)
        try:
            upstream = await self._session.request(
                request.method, target, headers=headers, data=body, allow_redirects=False, timeout=TIMEOUT
            )
        except UNREACHABLE as error:
            if isinstance(body, Counted) and body.too_large:
                raise TooLarge(limit_kb=self._body_limit // 1024) from error
            log.warning("service_unreachable", target=base, error=type(error).__name__)
            raise Unavailable() from error
        async with upstream:
            return await _answer(request, upstream)

    async def _body(self, request: web.Request) -> "bytes | Counted | None":
        """A small one whole, which goes on in one piece with its headers; others as they come in."""
        if not request.can_read_body:
            return None
        length = request.content_length
        if length is not None and length <= min(SMALL_BODY, self._body_limit):
            return await request.read()
        return Counted(request.content, self._body_limit)


class Counted:
    """A request's body on its way through; ends in an error once more than `limit` bytes came, and says so."""

    def __init__(self, content: aiohttp.StreamReader, limit: int) -> None:
        self._content = content
        self._left = limit
        self.too_large = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._content.iter_any():
            self._left -= len(chunk)
            self.too_large = self._left < 0
            if self.too_large:
                raise ConnectionAbortedError
            yield chunk


def _clean(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if (low := name.lower()) not in HOP_BY_HOP and not low.startswith(FORGEABLE_PREFIXES)
    )


async def _answer(request: web.Request, upstream: aiohttp.ClientResponse) -> web.StreamResponse:
    headers = CIMultiDict((name, value) for name, value in upstream.headers.items() if name.lower() not in HOP_BY_HOP)
    length = upstream.content_length
    if length is not None and length <= SMALL_ANSWER:
        return web.Response(status=upstream.status, body=await upstream.read(), headers=headers)
    response = web.StreamResponse(status=upstream.status, headers=headers)
    if length is not None:
        response.content_length = length
    await response.prepare(request)
    async for chunk in upstream.content.iter_any():
        await response.write(chunk)
    await response.write_eof()
    return response

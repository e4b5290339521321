"""The one client that calls addresses others chose: what it connects to was looked at first, and nobody leads it on.

A name is resolved once; every address it leads to must be open (a name that leads outside and inside is up to
something), and exactly these are connected to: nobody can change the answer between looking and calling. The socket is
looked at once more, so that an address written as a number passes no other way. No redirection is followed, no proxy of
the environment asked, no cookie kept, nothing decompressed, and of the answer only the beginning is read.
"""

import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from services.partners.domain.webhooks.addresses import Address, Reach
from services.partners.domain.webhooks.deliveries import EXCERPT_BYTES, Attempt, Failure

CONTENT_TYPE = "application/cloudevents+json"
USER_AGENT = "Preau-Webhooks/1"
TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5, sock_connect=5, sock_read=10)
CONNECTIONS, CONNECTIONS_EACH = 256, 8
KEEPALIVE_SECONDS = 20
LONGEST_LINE = 8_190


class Inside(OSError):
    """Somebody wanted us to connect to an address webhooks do not go to."""


class OpenResolver(AbstractResolver):
    """Names to addresses of the open internet."""

    def __init__(self, reach: Reach, resolver: AbstractResolver) -> None:
        self._reach = reach
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises `Inside` unless every address is open."""
        found = await self._resolver.resolve(host, port, family)
        if not all(self._reach.allows(one["host"]) for one in found):
            raise Inside("a name that leads inside")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def new_session(
    reach: Reach, resolver: AbstractResolver | None, timeout: aiohttp.ClientTimeout
) -> aiohttp.ClientSession:
    """Connections to partners' machines, kept for a while between events."""

    def open_socket(place: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, (host, *_) = place
        if not reach.allows(host):
            raise Inside("an address inside")
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made

    connector = aiohttp.TCPConnector(
        resolver=OpenResolver(reach, resolver or aiohttp.ThreadedResolver()),
        use_dns_cache=False,
        socket_factory=open_socket,
        limit=CONNECTIONS,
        limit_per_host=CONNECTIONS_EACH,
        keepalive_timeout=KEEPALIVE_SECONDS,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
    )


class Wire:
    """Posts one message and says what came of it; never raises. `running` is a context of the application."""

    def __init__(
        self,
        reach: Reach,
        resolver: AbstractResolver | None = None,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self._reach = reach
        self._resolver = resolver
        self._timeout = timeout
        self._session: aiohttp.ClientSession

    @asynccontextmanager
    async def running(self, _: object) -> AsyncIterator[None]:
        self._session = new_session(self._reach, self._resolver, self._timeout)
        yield
        await self._session.close()

    async def post(self, address: Address, headers: Mapping[str, str], body: bytes, at: datetime) -> Attempt:
        """One try; `at`: when it is made."""
        started = time.perf_counter()
        try:
            status, excerpt, retry_after = await self._exchange(address, headers, body)
        except Exception as error:
            failure = _failure(error)
            if failure is None:
                raise
            return Attempt(at=at, failure=failure, ms=_since(started))
        return Attempt(at=at, status=status, excerpt=excerpt, retry_after=retry_after, ms=_since(started))

    async def _exchange(self, address: Address, headers: Mapping[str, str], body: bytes) -> tuple[int, str, int]:
        async with self._session.post(
            URL(address.url, encoded=True),
            data=body,
            headers={**headers, "Content-Type": CONTENT_TYPE},
            allow_redirects=False,
        ) as answer:
            beginning = await _beginning(answer)
            return answer.status, _readable(beginning), _seconds(answer.headers.get("Retry-After", ""))


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """As much as the log shows; the connection is closed on an answer that goes on."""
    kept = bytearray()
    while len(kept) <= EXCERPT_BYTES and (chunk := await answer.content.read(EXCERPT_BYTES + 1 - len(kept))):
        kept += chunk
    return bytes(kept[:EXCERPT_BYTES])


def _readable(beginning: bytes) -> str:
    text = beginning.decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)


def _seconds(retry_after: str) -> int:
    """Dates are allowed too (RFC 9110, 10.2.3), but who is asked to wait that way waits as the schedule says."""
    return int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 9 else 0


FAILURES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Failure], ...] = (
    (Inside, Failure.ADDRESS),
    ((aiohttp.ClientSSLError, ssl.SSLError), Failure.TLS),
    (TimeoutError, Failure.TIMEOUT),
    (socket.gaierror, Failure.UNKNOWN_HOST),
    (aiohttp.ClientConnectorDNSError, Failure.UNKNOWN_HOST),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError), Failure.BROKEN),
    ((aiohttp.ClientError, OSError), Failure.UNREACHABLE),
    # A header no HTTP message may hold, a URL a library reads otherwise: nothing of it left.
    (ValueError, Failure.UNREACHABLE),
)


def _failure(error: Exception) -> Failure | None:
    """What to call it in the log; None for what is our own fault."""
    causes: list[BaseException] = [error]
    while (inner := causes[-1].__cause__ or getattr(causes[-1], "os_error", None)) and inner not in causes:
        causes.append(inner)
    for kinds, failure in FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return failure
    return None


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)

"""`GET /api/v1/stream`: one answer that goes on until the token ends."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from secrets import randbelow

from aiohttp import web

from services.gateway.rates import Rates
from services.gateway.stream import frames
from services.gateway.stream.hub import Hub
from services.gateway.stream.listener import Listener
from shared.auth import Caller
from shared.clock import Clock
from shared.process import DRAINS
from shared.web import Route, guardian_or_agent

# Longer than any reader needs for the little that waits in front of it.
WRITE_SECONDS = 20.0
# Until a reader that left without a word is missed: what was sent is not acknowledged.
UNANSWERED_MS = 30_000
# What the system may hold for one reader, beside what waits in its listener.
HIGH_WATER = 16 * 1024
RETRY_MS = 2_000
RETRY_SPREAD_MS = 6_000
HEADERS = {
    "Content-Type": frames.MEDIA_TYPE,
    "Cache-Control": "no-store",
    # Proxies that gather answers before they pass them on are told not to.
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
GONE = (ConnectionError, TimeoutError)


class Stream:
    """The route and what it needs."""

    def __init__(self, hub: Hub, rates: Rates, clock: Clock, heartbeat_seconds: float) -> None:
        self._hub = hub
        self._rates = rates
        self._clock = clock
        self._heartbeat = heartbeat_seconds

    async def stream(self, request: web.Request, caller: Caller) -> web.StreamResponse:
        """What happens while the page is open, as server-sent events, told in ids only: the page asks for the rest.

        A household hears of itself and of its towns, an agent of the towns and programmes they work for. Plain
        messages are facts (`type`, `time`, `municipality_id`, `subject`, `about`); `places`: where places came or
        went; `reset`: too much was missed, read everything again; `end`: come back, with another token where `reason`
        is `token` or `rights`. `Last-Event-ID` takes up where a stream was lost, for about a quarter of an hour.
        Without the stream pages are right all the same: they ask.
        """
        await self._rates.admit_account(caller.account_id)
        now_ms = int(self._clock().timestamp() * 1000)
        last_id = request.headers.get("Last-Event-ID", "")
        with self._hub.listening(caller, last_id=last_id, now_ms=now_ms, cut=_cutter(request)) as listener:
            response = web.StreamResponse(headers=HEADERS)
            _bound(request)
            await response.prepare(request)
            try:
                await self._follow(response, listener, caller)
            except GONE:
                _cutter(request)()
        return response

    async def _follow(self, response: web.StreamResponse, listener: Listener, caller: Caller) -> None:
        await _write(response, self._greeting(caller))
        while not listener.is_over:
            left = caller.expires_at - self._clock().timestamp()
            if left <= 0:
                listener.end("token")
            frame = await listener.next(min(self._heartbeat, max(left, 0)))
            await _write(response, frame or frames.beat(self._hub.window.last_id))

    def _greeting(self, caller: Caller) -> bytes:
        """With a time to come back that differs: what parts of a replica's readers must not return in one second."""
        ends = datetime.fromtimestamp(caller.expires_at, UTC).isoformat()
        retry = RETRY_MS + randbelow(RETRY_SPREAD_MS)
        return frames.opened(retry_ms=retry, heartbeat_seconds=self._heartbeat, expires_at=ends)


async def _write(response: web.StreamResponse, frame: bytes) -> None:
    async with asyncio.timeout(WRITE_SECONDS):
        await response.write(frame)


def _bound(request: web.Request) -> None:
    """Little is held for a reader that is slow, and one that is gone is noticed."""
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    transport.set_write_buffer_limits(high=HIGH_WATER)
    line = transport.get_extra_info("socket")
    if line is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)


def _cutter(request: web.Request) -> Callable[[], None]:
    def cut() -> None:
        if request.transport is not None:
            request.transport.abort()

    return cut


def routes_of(stream: Stream) -> list[Route]:
    return [
        Route(
            method="GET",
            path="/api/v1/stream",
            handler=stream.stream,
            who=guardian_or_agent(),
            gives=frames.MEDIA_TYPE,
        )
    ]


def end_when_draining(app: web.Application, hub: Hub) -> None:
    app[DRAINS].append(hub.close)

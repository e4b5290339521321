"""The gateway as the portal uses it: the caller's token and language on every call, refusals as values to show."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web

from services.portal.sessions import Session, SessionStore
from services.portal.settings import Settings
from shared import context
from shared.clock import Clock
from shared.problems import language_of

EARLY = timedelta(seconds=30)
TIMEOUT = aiohttp.ClientTimeout(total=20)
# Ends before another caller may take the refresh over.
REFRESH_TIMEOUT = aiohttp.ClientTimeout(total=8)
PATIENCE_SECONDS = 4


class Refusal(Exception):
    """A problem document the gateway answered; `detail` and `next` are sentences in the reader's language.

    `retry_after`: seconds after which asking again may work, None when it will not.
    """

    def __init__(self, problem: dict[str, Any], *, retry_after: int | None = None) -> None:
        super().__init__(problem.get("type", ""))
        self.problem = problem
        self.retry_after = retry_after
        self.status = int(problem.get("status", 500))

    @property
    def code(self) -> str:
        return code_of(self.problem)


class SignedOut(Exception):
    """The session is over: the next page is the sign-in page."""


class Api:
    """`pause` waits for that many seconds."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base: str,
        sessions: SessionStore,
        clock: Clock,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._base = base
        self._sessions = sessions
        self._clock = clock
        self._pause = pause

    async def ask(self, method: str, path: str, *, patient: bool = False, **details: Any) -> Any:
        """The JSON answered, or with `raw=True` the bytes and their Content-Disposition.

        `patient` asks again, when it was told to, for what is still on its way between services. Raises `Refusal`,
        and `SignedOut` when the token sent is no longer good.
        """
        waited = 0
        while True:
            try:
                return await self._once(method, path, **details)
            except Refusal as refusal:
                seconds = refusal.retry_after
                if not patient or seconds is None or waited + seconds > PATIENCE_SECONDS:
                    raise
            await self._pause(seconds)
            waited += max(seconds, 1)

    async def _once(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str],
        raw: bool = False,
        timeout: aiohttp.ClientTimeout = TIMEOUT,  # noqa: ASYNC109  # handed on to aiohttp
        **details: Any,
    ) -> Any:
        url = f"{self._base}/api/v1{path}"
        async with self._http.request(method, url, headers=headers, timeout=timeout, **details) as answer:
            if answer.status == 401 and "Authorization" in headers:
                raise SignedOut()
            if answer.status >= 400:
                raise Refusal(await _problem(answer), retry_after=_retry_after(answer))
            if raw:
                return await answer.read(), answer.headers.get("Content-Disposition", "attachment")
            text = await answer.text()
            return json.loads(text) if text else None

    async def fresh(self, session: Session) -> Session:
        """The session with an access token that is still good for a while. Raises `SignedOut`."""
        if session.access_until - EARLY > self._clock():
            return session
        if await self._sessions.may_refresh(session):
            renewed = await self._renew(session)
        else:
            renewed = await self._sessions.after_refresh(session)
        if renewed is None:
            await self._sessions.close(session.key)
            raise SignedOut()
        return renewed

    async def _renew(self, session: Session) -> Session | None:
        body = {"refresh_token": session.refresh_token}
        try:
            granted = await self.ask("POST", "/sessions/refresh", headers={}, timeout=REFRESH_TIMEOUT, json=body)
        except Refusal as refusal:
            if refusal.status != 401:
                await self._sessions.not_refreshed(session.key)
                raise
            return None
        return await self._sessions.refreshed(session.key, granted)


async def _problem(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        found = await answer.json(content_type=None)
    except ValueError:
        found = None
    return {**(found if isinstance(found, dict) else {}), "status": answer.status}


def code_of(problem: dict[str, Any]) -> str:
    """The last part of the problem's type: `deadline-passed`."""
    return str(problem.get("type", "")).rpartition("/")[2]


def _retry_after(answer: aiohttp.ClientResponse) -> int | None:
    told = answer.headers.get("Retry-After", "")
    return int(told) if told.isdecimal() else None


API: web.AppKey[Api] = web.AppKey("api", Api)
SESSIONS: web.AppKey[SessionStore] = web.AppKey("sessions", SessionStore)
SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
SESSION: web.RequestKey[Session] = web.RequestKey("session", Session)


async def ask(
    request: web.Request,
    method: str,
    path: str,
    *,
    key: str = "",
    body: Any = None,
    query: Any = None,
    anonymous: bool = False,
    **how: Any,
) -> Any:
    """`Api.ask` as the person at this browser: their language, their address, and their session unless `anonymous`."""
    api = request.app[API]
    headers = {
        "Accept-Language": language_of(request),
        "X-Forwarded-For": client_address(request),
        "X-Request-Id": context.request_id.get(),
        # The list of sessions names the browser, not this server.
        "User-Agent": request.headers.get("User-Agent", "")[:300],
    }
    if key:
        headers["Idempotency-Key"] = key
    if SESSION in request and not anonymous:
        request[SESSION] = await api.fresh(request[SESSION])
        headers["Authorization"] = f"Bearer {request[SESSION].access_token}"
    return await api.ask(method, path, headers=headers, json=body, params=query, **how)


def at(*parts: str) -> str:
    """A path of these parts, whatever is in them."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def client_address(request: web.Request) -> str:
    """The browser's address: the peer, or what the trusted proxies in front saw."""
    hops = request.app[SETTINGS].trusted_hops
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return seen[-hops] if hops and len(seen) >= hops else request.remote or ""

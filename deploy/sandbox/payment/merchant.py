"""Calls to whoever asked for the payment: the notification, and the payer's way back when no browser is."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from deploy.sandbox.payment.wishes import Wish

PATIENCE = ClientTimeout(total=10)

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A call made and the HTTP status it got, none when nobody answered."""

    kind: Literal["notification", "return"]
    status: int | None


@dataclass(frozen=True, kw_only=True)
class Calls:
    """Where the merchant is told, with which form, and where the payer's browser goes back to."""

    notification: str
    form: Mapping[str, str]
    back: str


class Merchant:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def play(self, calls: Calls, wish: Wish) -> list[Visit]:
        """The calls in the wished order, one after the other."""
        before = {"before": 1, "twice": 2}.get(wish.notify, 0)
        visits = [await self.notify(calls) for _ in range(before)]
        if wish.browser == "returns":
            # Where the return leads further is not followed.
            visits.append(await self._call("return", "GET", calls.back, None))
        if wish.notify == "after":
            visits.append(await self.notify(calls))
        return visits

    async def notify(self, calls: Calls) -> Visit:
        return await self._call("notification", "POST", calls.notification, calls.form)

    async def _call(
        self, kind: Literal["notification", "return"], method: str, url: str, form: Mapping[str, str] | None
    ) -> Visit:
        status: int | None = None
        try:
            async with self._session.request(method, url, data=form, allow_redirects=False) as answer:
                status = answer.status
        except (ClientError, TimeoutError) as error:
            log.warning("merchant_unreachable", kind=kind, error=type(error).__name__)
        log.info("merchant_called", kind=kind, status=status)
        return Visit(kind=kind, status=status)


@asynccontextmanager
async def visiting() -> AsyncIterator[Merchant]:
    async with ClientSession(timeout=PATIENCE) as session:
        yield Merchant(session)

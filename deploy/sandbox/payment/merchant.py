"""Calls to whoever asked for the payment: the notification, and the payer's way back when no browser is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from deploy.sandbox.payment.domain import Payment

PATIENCE = ClientTimeout(total=10)

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A call made and the HTTP status it got, none when nobody answered."""

    kind: Literal["notification", "return"]
    status: int | None


class Merchant:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def notify(self, payment: Payment) -> Visit:
        """The notification carries the idOp and nothing else: the merchant asks back for the result."""
        return await self._call("notification", "POST", payment.order.urlnotif, {"idop": payment.idop})

    async def send_back(self, payment: Payment) -> Visit:
        """The payer's browser follows `urlredirect`; where that leads further is not followed."""
        return await self._call("return", "GET", payment.order.urlredirect, None)

    async def _call(
        self, kind: Literal["notification", "return"], method: str, url: str, form: dict[str, str] | None
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

"""The only place where the parts of the sandbox meet."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from deploy.sandbox.mail import http as mail_http
from deploy.sandbox.mail.inbox import Inbox
from deploy.sandbox.mail.smtp import listening
from deploy.sandbox.payment import http as payment_http
from deploy.sandbox.payment.merchant import Merchant, visiting
from deploy.sandbox.payment.store import Payments
from deploy.sandbox.settings import Settings
from shared.clock import Clock

# An open long poll must not hold the stop.
SHUTDOWN_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the parts answer, with the ports they really got."""

    mail: str
    smtp_host: str
    smtp_port: int
    payment: str


@asynccontextmanager
async def running(settings: Settings, clock: Clock) -> AsyncIterator[Addresses]:
    """Every stand-in, answering until the block ends."""
    inbox = Inbox(clock)
    async with AsyncExitStack() as stack:
        smtp_port = await stack.enter_async_context(listening(inbox, settings.host, settings.smtp_port))
        merchant: Merchant = await stack.enter_async_context(visiting())
        mail = mail_http.build(inbox)
        payment = payment_http.build(Payments(clock), merchant)
        yield Addresses(
            mail=await stack.enter_async_context(_serving(mail, settings.host, settings.mail_port)),
            smtp_host=settings.host,
            smtp_port=smtp_port,
            payment=await stack.enter_async_context(_serving(payment, settings.host, settings.payment_port)),
        )


@asynccontextmanager
async def _serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

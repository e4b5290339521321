"""The only place where the parts of the sandbox meet."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from deploy.sandbox.franceconnect import http as franceconnect_http
from deploy.sandbox.franceconnect.provider import API, Provider, Site
from deploy.sandbox.mail import http as mail_http
from deploy.sandbox.mail.bounces import bouncing
from deploy.sandbox.mail.inbox import Inbox
from deploy.sandbox.mail.smtp import listening
from deploy.sandbox.payment import http as payment_http
from deploy.sandbox.payment.cards.store import CardPayments
from deploy.sandbox.payment.merchant import Merchant, visiting
from deploy.sandbox.payment.store import Payments
from deploy.sandbox.quotients import http as quotients_http
from deploy.sandbox.settings import Settings
from deploy.sandbox.sister import http as sister_http
from deploy.sandbox.sister.http import Sister
from deploy.sandbox.sister.relying import Relying
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
    franceconnect: str
    """The issuer, with its path."""
    quotients: str = ""
    """The national quotient service, beside FranceConnect."""
    sister: str = ""
    """Empty when it has no provider to sign people in with."""


@asynccontextmanager
async def running(settings: Settings, clock: Clock) -> AsyncIterator[Addresses]:
    """Every stand-in, answering until the block ends."""
    inbox = Inbox(clock)
    async with AsyncExitStack() as stack:
        bouncer = await stack.enter_async_context(bouncing(settings.bounces_url, settings.bounce_secret))
        smtp_port = await stack.enter_async_context(listening(inbox, settings.host, settings.smtp_port, bouncer))
        merchant: Merchant = await stack.enter_async_context(visiting())
        mail = mail_http.build(inbox)
        payment = payment_http.build(Payments(clock), CardPayments(clock, settings.card_key), merchant)
        provider = Provider(_site(settings), clock)
        state = franceconnect_http.build(provider)
        quotients_http.add_to(state)
        address = await stack.enter_async_context(_serving(state, settings.host, settings.franceconnect_port))
        # As browsers and services name it, behind whatever address it listens on.
        provider.issuer = (settings.franceconnect_public_url or address) + API
        yield Addresses(
            mail=await stack.enter_async_context(_serving(mail, settings.host, settings.mail_port)),
            smtp_host=settings.host,
            smtp_port=smtp_port,
            payment=await stack.enter_async_context(_serving(payment, settings.host, settings.payment_port)),
            franceconnect=provider.issuer,
            quotients=address,
            sister=await stack.enter_async_context(sister_site(settings, clock)) if settings.sister_issuer else "",
        )


def _site(settings: Settings) -> Site:
    return Site(
        client_id=settings.franceconnect_client_id,
        client_secret=settings.franceconnect_client_secret,
        back=settings.franceconnect_callback,
        signed_out=settings.franceconnect_signed_out,
    )


@asynccontextmanager
async def sister_site(settings: Settings, clock: Clock) -> AsyncIterator[str]:
    """The sister site, at the address it names itself by."""
    async with aiohttp.ClientSession() as http:
        relying = Relying(
            http=http,
            issuer=settings.sister_issuer,
            inside=settings.sister_inside or settings.sister_issuer,
            home=settings.sister_public_url,
            client_id=settings.sister_client_id,
            secret=settings.sister_client_secret,
            clock=clock,
        )
        app = sister_http.build(Sister(relying=relying))
        async with _serving(app, settings.host, settings.sister_port) as address:
            yield settings.sister_public_url or address


@asynccontextmanager
async def _serving(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

"""Where the gateway is put together; nothing else here."""

from pathlib import Path

import aiohttp
from aiohttp import web

from services.gateway.cors import allow_origins
from services.gateway.docs import Documents, add_documents
from services.gateway.proxy import Proxy
from services.gateway.rates import Rates
from services.gateway.settings import Settings
from services.gateway.stream.http import Stream, end_when_draining, routes_of
from services.gateway.stream.hub import Hub
from services.gateway.stream.window import Window
from shared import openapi
from shared.auth import Tokens
from shared.clock import Clock
from shared.process import new_app

ANY = ("GET", "POST", "PUT", "DELETE")


def build(
    *,
    settings: Settings,
    session: aiohttp.ClientSession,
    tokens: Tokens,
    clock: Clock,
    hub: Hub | None = None,
) -> web.Application:
    """`hub`: whom the live stream tells; None without a broker, and then there is no stream."""
    rates = Rates(settings.account_rate, settings.address_rate)
    own = [] if hub is None else routes_of(Stream(hub, rates, clock, settings.stream_heartbeat_seconds))
    app = new_app("gateway", Path(__file__).parent, own, tokens, clock)
    if hub is not None:
        end_when_draining(app, hub)
    allow_origins(app, frozenset(settings.cors_origins.split(",")) - {""})
    add_documents(app, Documents(session, settings.upstreams, clock, {"gateway": openapi.document("gateway", own)}))
    proxy = Proxy(session, settings, rates)
    app.router.add_get("/.well-known/jwks.json", proxy.always_to("identity"))
    app.router.add_get("/.well-known/openid-configuration", proxy.always_to("identity"))
    # The pages of the provider, and what sites ask of it with secrets and tokens of their own.
    for method in ("GET", "POST"):
        app.router.add_route(method, "/oauth/{path:.+}", proxy.always_to("identity", with_credentials=True))
    for method in ANY:
        app.router.add_route(method, "/api/v1/{path:.+}", proxy.handle)
    return app


def new_hub(settings: Settings, clock: Clock) -> Hub | None:
    """The live stream's, remembering from `stream_minutes` ago on; None where no broker is configured."""
    if not settings.amqp_url:
        return None
    kept_ms = settings.stream_minutes * 60_000
    since_ms = int(clock().timestamp() * 1000) - kept_ms
    window = Window(most=settings.stream_events, milliseconds=kept_ms, since_ms=since_ms)
    return Hub(window, most=settings.streams, most_of_account=settings.account_streams)

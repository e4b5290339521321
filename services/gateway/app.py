"""Where the gateway is put together; nothing else here."""

from pathlib import Path

import aiohttp
from aiohttp import web

from services.gateway.cors import allow_origins
from services.gateway.docs import Documents, add_documents
from services.gateway.proxy import Proxy
from services.gateway.rates import Rates
from services.gateway.settings import Settings
from shared.auth import Tokens
from shared.clock import Clock
from shared.process import new_app

ANY = ("GET", "POST", "PUT", "DELETE")


def build(*, settings: Settings, session: aiohttp.ClientSession, tokens: Tokens, clock: Clock) -> web.Application:
    app = new_app("gateway", Path(__file__).parent, [], tokens, clock)
    app.middlewares.insert(0, allow_origins(frozenset(settings.cors_origins.split(",")) - {""}))
    add_documents(app, Documents(session, settings.upstreams, clock))
    proxy = Proxy(session, settings, Rates(settings.account_rate, settings.address_rate))
    app.router.add_get("/.well-known/jwks.json", proxy.always_to("identity"))
    app.router.add_get("/.well-known/openid-configuration", proxy.always_to("identity"))
    # The pages of the provider, and what sites ask of it with secrets and tokens of their own.
    for method in ("GET", "POST"):
        app.router.add_route(method, "/oauth/{path:.+}", proxy.always_to("identity", with_credentials=True))
    for method in ANY:
        app.router.add_route(method, "/api/v1/{path:.+}", proxy.handle)
    return app

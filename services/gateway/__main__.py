"""`python -m services.gateway`: settings → connect → build → run."""

import aiohttp

from services.gateway.app import build
from services.gateway.settings import Settings
from shared import process
from shared.auth import Tokens
from shared.clock import system_clock
from shared.health import add_health

UPSTREAM_CONNECTIONS = 256


async def main(settings: Settings) -> None:
    connector = aiohttp.TCPConnector(limit=UPSTREAM_CONNECTIONS, keepalive_timeout=10)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        tokens = Tokens(session, settings.jwks_url, settings.issuer, system_clock)
        app = build(settings=settings, session=session, tokens=tokens, clock=system_clock)
        add_health(app, {})
        await process.serve(app, settings)


if __name__ == "__main__":
    loaded = Settings()
    process.run("gateway", loaded, lambda: main(loaded))

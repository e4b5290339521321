"""`python -m services.gateway`: settings → connect → build → run."""

from services.gateway.app import build
from services.gateway.proxy import new_session
from services.gateway.settings import Settings
from shared import process
from shared.auth import Tokens
from shared.clock import system_clock
from shared.health import add_health


async def main(settings: Settings) -> None:
    async with new_session() as session:
        tokens = Tokens(session, settings.jwks_url, settings.issuer, system_clock)
        app = build(settings=settings, session=session, tokens=tokens, clock=system_clock)
        add_health(app, {})
        await process.serve(app, settings)


if __name__ == "__main__":
    loaded = Settings()
    process.run("gateway", loaded, lambda: main(loaded))

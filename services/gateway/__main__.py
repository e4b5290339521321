"""`python -m services.gateway`: settings → connect → build → run."""

import resource

from services.gateway.app import build, new_hub
from services.gateway.proxy import new_session
from services.gateway.settings import Settings
from services.gateway.stream.reader import following
from shared import process
from shared.auth import Tokens
from shared.clock import system_clock
from shared.health import add_health

# Connections that are no streams: requests on their way, the services, the log.
OTHER_FILES = 2_000


async def main(settings: Settings) -> None:
    hub = new_hub(settings, system_clock)
    _allow_files(settings.streams + OTHER_FILES)
    async with new_session() as session, following(settings.amqp_url, hub):
        tokens = Tokens(session, settings.jwks_url, settings.issuer, system_clock)
        app = build(settings=settings, session=session, tokens=tokens, clock=system_clock, hub=hub)
        # The broker is not asked: without it there is no news in the streams, and everything else is answered.
        add_health(app, {})
        await process.serve(app, settings)


def _allow_files(wanted: int) -> None:
    """As many open connections as streams may need, where the system lets us: its usual 1,024 are soon taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    loaded = Settings()
    process.run("gateway", loaded, lambda: main(loaded))

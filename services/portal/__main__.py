"""`python -m services.portal [migrate]`: settings → connect → build → run."""

import asyncio
import sys

import aiohttp

from services.portal.app import build, migrate
from services.portal.sessions import SCHEMA
from services.portal.settings import Settings
from shared import mongo, process
from shared.clock import system_clock
from shared.health import add_health


async def main(settings: Settings) -> None:
    client = mongo.connect(settings.mongo_url)
    db = mongo.database(client, settings.mongo_database)
    # Shared by everybody who has a page open: nobody's cookies may stay in it.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        app = build(settings=settings, db=db, http=http, clock=system_clock)
        add_health(app, {"schema": lambda: mongo.check(db, SCHEMA)})
        await process.serve(app, settings)
    client.close()


if __name__ == "__main__":
    loaded = Settings()
    if "migrate" in sys.argv:
        asyncio.run(migrate(loaded))
    else:
        process.run("portal", loaded, lambda: main(loaded))

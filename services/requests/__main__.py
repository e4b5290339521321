"""`python -m services.requests [migrate]`."""

import asyncio
import sys

from services.requests.app import build, migrate
from services.requests.settings import Settings
from services.requests.store import SCHEMA
from shared.service import run_service

if __name__ == "__main__":
    settings = Settings()
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate(settings))
    else:
        run_service("requests", settings, SCHEMA, build)

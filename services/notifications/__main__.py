"""`python -m services.notifications [migrate]`: settings → connect → build → run."""

import asyncio
import sys

from services.notifications.app import build, migrate
from services.notifications.settings import Settings
from services.notifications.store import SCHEMA
from shared.service import run_service

if __name__ == "__main__":
    settings = Settings()
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate(settings))
    else:
        run_service("notifications", settings, SCHEMA, build)

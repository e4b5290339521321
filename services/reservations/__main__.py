"""`python -m services.reservations [migrate]`: settings → connect → build → run."""

import asyncio
import sys

from services.reservations.app import build, migrate
from services.reservations.settings import Settings
from services.reservations.store import SCHEMA
from shared.service import run_service

if __name__ == "__main__":
    settings = Settings()
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate(settings))
    else:
        run_service("reservations", settings, SCHEMA, build)

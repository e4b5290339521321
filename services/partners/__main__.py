"""`python -m services.partners [migrate | reread | synthesize <count>]`: settings → connect → build → run."""

import asyncio
import os
import sys

from services.partners.app import build, migrate, reread, synthesize
from services.partners.settings import Settings
from services.partners.store import SCHEMA
from shared.service import run_service

if __name__ == "__main__":
    settings = Settings()
    if sys.argv[1:] == ["migrate"]:
        asyncio.run(migrate(settings))
    elif sys.argv[1:] == ["reread"]:
        asyncio.run(reread(settings))
    elif sys.argv[1:2] == ["synthesize"]:
        asyncio.run(synthesize(settings, int(sys.argv[2]) if sys.argv[2:] else 100))
    else:
        os.nice(settings.nice)
        run_service("partners", settings, SCHEMA, build)

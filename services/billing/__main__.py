"""`python -m services.billing` runs the service; `python -m services.billing migrate` prepares its data and queues."""

import asyncio
import sys

from services.billing.app import build, migrate
from services.billing.settings import Settings
from services.billing.store import SCHEMA
from shared.service import run_service


def main(arguments: list[str]) -> None:
    settings = Settings()
    if arguments == ["migrate"]:
        asyncio.run(migrate(settings))
    else:
        run_service("billing", settings, SCHEMA, build)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m services.identity [migrate | create-town FILE…]`."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError

from services.identity.app import build, migrate
from services.identity.domain.municipalities import TownFile
from services.identity.settings import Settings
from services.identity.store import SCHEMA, AccountStore, MunicipalityStore
from services.identity.usecases.codes import Codes
from services.identity.usecases.set_town import TownSet, set_town
from shared import mongo
from shared.clock import system_clock
from shared.service import run_service

USAGE = "usage: python -m services.identity [migrate | create-town FILE…]\n"


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            run_service("identity", Settings(), SCHEMA, build)
        case ["migrate"]:
            asyncio.run(migrate(Settings()))
        case ["create-town", _, *_]:
            return _create_towns(Settings(), [Path(name) for name in arguments[1:]])
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


def _create_towns(settings: Settings, paths: list[Path]) -> int:
    """One JSON line per town on standard output; nothing is written when a file is not right."""
    try:
        files = [TownFile.model_validate_json(path.read_bytes()) for path in paths]
    except (OSError, ValidationError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for town in asyncio.run(_set_towns(settings, files)):
        sys.stdout.write(f"{json.dumps(asdict(town))}\n")
    return 0


async def _set_towns(settings: Settings, files: list[TownFile]) -> list[TownSet]:
    """The running service's relay tells what is written here."""
    client = mongo.connect(settings.mongo_url)
    try:
        db = mongo.database(client, settings.mongo_database)
        await mongo.check(db, SCHEMA)
        towns, accounts = MunicipalityStore(db, _nobody), AccountStore(db, _nobody)
        codes = Codes(timedelta(days=settings.code_days), system_clock)
        return [await set_town(file, towns=towns, accounts=accounts, codes=codes, clock=system_clock) for file in files]
    finally:
        client.close()


def _nobody(_: str) -> None:
    """No relay runs in this process."""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

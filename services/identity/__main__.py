"""`python -m services.identity [migrate | create-town FILE… | register-site FILE… | rotate-keys]`."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from services.identity.app import build, migrate, register_sites
from services.identity.domain.municipalities import TownFile
from services.identity.domain.sites import SiteFile
from services.identity.settings import Settings
from services.identity.store import (
    SCHEMA,
    AccountStore,
    MunicipalityStore,
    rotate_sealing_key,
    rotate_signing_key,
)
from services.identity.usecases.codes import Codes
from services.identity.usecases.set_town import TownSet, set_town
from shared import mongo
from shared.clock import system_clock
from shared.service import run_service

USAGE = "usage: python -m services.identity [migrate | create-town FILE… | register-site FILE… | rotate-keys]\n"


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            run_service("identity", Settings(), SCHEMA, build)
        case ["migrate"]:
            asyncio.run(migrate(Settings()))
        case ["create-town", _, *_]:
            return _create_towns(Settings(), [Path(name) for name in arguments[1:]])
        case ["register-site", _, *_]:
            return _register_sites(Settings(), [Path(name) for name in arguments[1:]])
        case ["rotate-keys"]:
            return _rotate_keys(Settings())
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


def _register_sites(settings: Settings, paths: list[Path]) -> int:
    """One JSON line per site, with the secret when one was drawn; nothing is written when a file is not right."""
    try:
        files = [SiteFile.model_validate_json(path.read_bytes()) for path in paths]
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except ValidationError as error:
        # Without what was written: it may hold a secret.
        for one in error.errors(include_input=False, include_url=False, include_context=False):
            sys.stderr.write(f"{'.'.join(map(str, one['loc']))}: {one['msg']}\n")
        return 1
    for site in asyncio.run(register_sites(settings, files)):
        sys.stdout.write(f"{json.dumps(asdict(site))}\n")
    return 0


def _rotate_keys(settings: Settings) -> int:
    """From when the fresh keys serve, as JSON; running processes follow by themselves."""
    sys.stdout.write(f"{json.dumps(_rotated(settings))}\n")
    return 0


def _rotated(settings: Settings) -> dict[str, str]:
    """Fresh keys to sign and to seal with, unless one already waits: from when they serve, and until when the former
    signing key is published; ISO 8601. What former keys sealed stays readable for good.
    """
    lead, keep = settings.key_lead_minutes * 60, settings.key_keep_hours * 3600
    signing = rotate_signing_key(settings.signing_key_file, system_clock, lead=lead, keep=keep)
    sealing = rotate_sealing_key(settings.sealing_file, system_clock, lead=lead)
    ends = [key.kept_until for key in signing if key.kept_until is not None]
    return {
        "signs_from": _instant(max(key.serves_from for key in signing)),
        "former_published_until": _instant(max(ends, default=0)),
        "seals_from": _instant(max(key.serves_from for key in sealing)),
    }


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


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

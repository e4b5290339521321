"""Brings every database and the broker to what this version needs, in one process: seven starts fewer."""

import logging
from importlib import import_module
from typing import Any

from deploy.local import environment
from deploy.local.environment import KEEPING, Place
from deploy.local.fleet import together
from deploy.local.processes import Failed
from deploy.local.secrets import Secrets


def prepare() -> None:
    """Import what migrating needs: seconds of work that can pass while the backends start."""
    for service in KEEPING:
        import_module(f"services.{service}.app")


async def migrate_all(place: Place, secrets: Secrets) -> None:
    sites = import_module("deploy.local.sites")
    sites.write_secrets(place, secrets)
    await together(*(_migrate(service, place, secrets) for service in KEEPING))
    await sites.register(settings_of("identity", place, secrets), place, secrets)


async def _migrate(service: str, place: Place, secrets: Secrets) -> None:
    app = import_module(f"services.{service}.app")
    try:
        await app.migrate(settings_of(service, place, secrets))
    except Exception as failure:
        logging.exception("migrating %s", service)
        # What the failure says may hold a password: it goes into the log, which only its owner reads.
        kind = type(failure).__name__
        raise Failed(
            f"The data of {service} could not be brought to this version ({kind}): see launcher.log."
        ) from None


def settings_of(service: str, place: Place, secrets: Secrets) -> Any:
    """The service's own `Settings`, read from the table as the service would."""
    table = environment.to_migrate(service, place, secrets)
    settings = import_module(f"services.{service}.settings")
    with environment.applied(environment.of_process(service, table)):
        return settings.Settings()

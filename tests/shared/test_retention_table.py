"""docs/retention.md names every period there is a setting for, with its default, and every part of the daily jobs."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from services.billing import app as billing
from services.identity.http.privacy_desk import PrivacyDesk
from services.identity.store import SCHEMA as IDENTITY
from services.identity.store import Sealer, write_first_sealing_key
from services.notifications import app as notifications
from services.partners import app as partners
from services.requests import app as requests
from services.reservations import app as reservations
from shared.mongo import Database
from shared.retention import Janitor

TABLE = Path("docs/retention.md").read_text()
SERVICES = ("identity", "reservations", "billing", "notifications", "requests", "partners")
# Its log goes by itself, ids and all, whoever was erased meanwhile: nothing is left to look at again.
NOTHING_LEFT = {"partners": {"erased_households"}}
PERIODS = [
    (service, name, field.default)
    for service in SERVICES
    for name, field in import_module(f"services.{service}.settings").Settings.model_fields.items()
    if name.startswith(("keep_", "inactive_"))
]


def rows(service: str) -> list[list[str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line.startswith("|")
    ]
    return [row for row in cells if row[0] in (service, "all")]


@pytest.mark.parametrize(("service", "name", "default"), PERIODS, ids=lambda value: str(value))
def test_every_period_is_in_the_table_with_its_default(service: str, name: str, default: Any) -> None:
    assert any(f"`{service.upper()}_{name.upper()}` ({default})" in row[3] for row in rows(service))


class Plain:
    """The defaults of a service's settings."""

    def __init__(self, service: str) -> None:
        fields = import_module(f"services.{service}.settings").Settings.model_fields
        vars(self).update({name: field.default for name, field in fields.items()})


def janitor(service: str, database: Database, folder: Path) -> Janitor:
    settings: Any = Plain(service)
    private: dict[str, Any] = {"holdings": None, "tombstones": None}
    modules: dict[str, Any] = {
        "billing": billing,
        "notifications": notifications,
        "partners": partners,
        "requests": requests,
        "reservations": reservations,
    }
    if service in modules:
        made: Janitor = modules[service].janitor_of(settings, database, private, None)
        return made
    write_first_sealing_key(folder / "keys.json")
    desk = PrivacyDesk.on(
        database,
        lambda _: None,
        sealer=Sealer(folder / "keys.json"),
        settings=settings,
        collections=IDENTITY.collections,
        clock=lambda: None,  # type: ignore[arg-type,return-value]  # nobody asks
    )
    return desk.janitor


@pytest.mark.parametrize("service", SERVICES)
async def test_the_table_names_what_each_daily_job_does_and_nothing_else(
    service: str, database: Database, tmp_path: Path
) -> None:
    named = {word for row in rows(service) for word in re.findall(r"`([a-z_]+)`", row[4])}

    assert named - NOTHING_LEFT.get(service, set()) == janitor(service, database, tmp_path).tasks

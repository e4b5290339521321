"""Keep what the public accountant told a cash office."""

from dataclasses import replace
from typing import Protocol

from stdnum.fr import siret

from services.billing.domain.treasury.collection import TreasurySettings, WrongSiret
from shared.versions import check_version


class Settings(Protocol):
    async def of(self, cash_office_id: str, municipality_id: str) -> TreasurySettings | None: ...
    async def save(self, settings: TreasurySettings) -> TreasurySettings: ...


async def set_settings(wanted: TreasurySettings, if_match: str, *, settings: Settings) -> TreasurySettings:
    """Raises `WrongSiret`, `VersionMissing`, `VersionPassed`, `Conflict`."""
    if not siret.is_valid(wanted.siret):
        raise WrongSiret()
    known = await settings.of(wanted.id, wanted.municipality_id)
    version = known.version if known else 0
    check_version(if_match, version)
    return await settings.save(replace(wanted, version=version))

"""Change how a town takes quotients."""

from dataclasses import replace
from typing import Protocol

from services.billing.domain.quotients.settings import Applies, QuotientSettings
from shared.versions import check_version


class Settings(Protocol):
    async def of(self, municipality_id: str) -> QuotientSettings: ...
    async def save(self, settings: QuotientSettings) -> QuotientSettings: ...


async def set_quotient_settings(
    municipality_id: str, if_match: str, applies: Applies, siret: str | None, *, settings: Settings
) -> QuotientSettings:
    """What reached the town before keeps its date. Raises `VersionMissing`, `VersionPassed`, `Conflict`."""
    known = await settings.of(municipality_id)
    check_version(if_match, known.version)
    return await settings.save(replace(known, applies=applies, siret=siret))

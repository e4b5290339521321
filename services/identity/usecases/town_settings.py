"""A manager changes the settings of the town, its colours and its logo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.branding import Branding, Letterhead
from services.identity.domain.municipalities import Contact, Municipality
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict
from shared.versions import check_version

TRIES = 3


class Towns(Protocol):
    async def get(self, municipality_id: str) -> Municipality: ...
    async def save(self, municipality: Municipality, events: Sequence[Event], at: datetime) -> None: ...


class Logos(Protocol):
    async def add(self, municipality_id: str, content: bytes) -> str: ...
    async def letterhead(self, municipality_id: str, digest: str) -> Letterhead: ...
    async def keep_only(self, municipality_id: str, digest: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class TownSettings:
    """`reconfirmation_month`: when families are asked to confirm their file each year, 1 to 12."""

    name: str
    contact: Contact
    primary: str
    accent: str
    time_zone: str
    school_zone: str
    public_holidays: str
    opening_view: str
    services: tuple[str, ...]
    reconfirmation_month: int | None


async def change_settings(
    municipality_id: str, settings: TownSettings, if_match: str, *, towns: Towns, clock: Clock
) -> Municipality:
    """All of them, replaced. Raises `VersionMissing`, `VersionPassed`, `TooPale`, `Conflict`."""
    town = await towns.get(municipality_id)
    check_version(if_match, town.version)
    branding = replace(town.branding, primary=settings.primary, accent=settings.accent)
    branding.check()
    changed = replace(
        town,
        name=settings.name,
        contact=settings.contact,
        branding=branding,
        time_zone=settings.time_zone,
        school_zone=settings.school_zone,
        public_holidays=settings.public_holidays,
        opening_view=settings.opening_view,
        services=settings.services,
        reconfirmation_month=settings.reconfirmation_month,
    )
    return await _saved(town, changed, towns, clock)


async def change_logo(
    municipality_id: str, content: bytes | None, *, towns: Towns, logos: Logos, clock: Clock
) -> Municipality:
    """Another picture, or none. Raises `PictureUnreadable`, `PictureTooLarge`, `Conflict`."""
    # The picture first: no page must point at one that is not there.
    digest = await logos.add(municipality_id, content) if content is not None else ""
    head = await logos.letterhead(municipality_id, digest) if digest else Letterhead()
    for left in reversed(range(TRIES)):
        town = await towns.get(municipality_id)
        try:
            changed = await _saved(town, with_logo(town, digest), towns, clock, head.told(municipality_id))
        except Conflict:
            if left:
                continue
            raise
        break
    await logos.keep_only(municipality_id, digest)
    return changed


def with_logo(town: Municipality, digest: str) -> Municipality:
    branding: Branding = replace(town.branding, logo=digest)
    return replace(town, branding=branding)


async def _saved(
    town: Municipality, changed: Municipality, towns: Towns, clock: Clock, *besides: Event
) -> Municipality:
    if changed == town:
        return town
    await towns.save(changed, [changed.told(), *besides], clock())
    return replace(changed, version=town.version + 1)

"""A manager searches the trail of their town."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from services.identity.domain.municipalities import Municipality
from services.identity.domain.trail import Entry, Names, Place, Search


class Towns(Protocol):
    async def get(self, municipality_id: str) -> Municipality: ...


class Trail(Protocol):
    async def page(self, search: Search, after: Place | None, limit: int) -> list[Entry]: ...
    async def people_of(self, household_id: str, municipality_id: str) -> frozenset[str]: ...
    async def names(self, entries: Sequence[Entry], municipality_id: str) -> Names: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`since` and `until`: days in the town's time zone, both included. `about_id`: a family file or a child."""

    municipality_id: str
    household_id: str = ""
    about_id: str = ""
    account_id: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None
    after: Place | None = None
    limit: int


@dataclass(frozen=True, kw_only=True)
class FoundEntries:
    """`about`: every id the people asked for are known by; `next`: where the page after this begins."""

    entries: tuple[Entry, ...]
    names: Names
    about: frozenset[str]
    next: Place | None


async def search_trail(asked: Asked, *, trail: Trail, towns: Towns) -> FoundEntries:
    """Latest first. Raises `NotFound` for an unknown town."""
    town = await towns.get(asked.municipality_id)
    search = Search(
        municipality_id=town.id,
        about=frozenset({asked.about_id} - {""}),
        account_id=asked.account_id,
        action=asked.action,
        since=_start(asked.since, town) if asked.since else None,
        until=_start(asked.until + timedelta(days=1), town) if asked.until else None,
    )
    if asked.household_id:
        search = replace(search, about=search.about | await trail.people_of(asked.household_id, town.id))
    found = await trail.page(search, asked.after, asked.limit + 1)
    shown = tuple(found[: asked.limit])
    more = len(found) > asked.limit
    return FoundEntries(
        entries=shown,
        names=await trail.names(shown, town.id),
        about=search.about,
        next=Place(at=shown[-1].at, entry_id=shown[-1].id) if more else None,
    )


def _start(day: date, town: Municipality) -> datetime:
    return datetime.combine(day, time.min, tzinfo=town.zone)

"""What closing a programme's month would meet: days to mark, to decide on, to wait for, to look at."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.closing import Finding, findings
from services.reservations.domain.month_view import days_of
from services.reservations.domain.sheet import Sheet
from services.reservations.domain.town import Town
from shared.errors import NotFound


class Towns(Protocol):
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Sheets(Protocol):
    async def of_programme(self, municipality_id: str, programme_id: str, month: str) -> list[Sheet]: ...


class Children(Protocol):
    async def children_in(self, municipality_id: str, child_ids: Iterable[str]) -> dict[str, RosterChild]: ...


class Closings(Protocol):
    async def exists(self, municipality_id: str, programme_id: str, month: str) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A page of what was found, and the counts of all of it by kind; `children` of the page, those still known."""

    counts: Mapping[str, int]
    page: tuple[Finding, ...]
    children: Mapping[str, RosterChild]
    next_cursor: str | None
    closed: bool


async def preview_closing(
    municipality_id: str,
    programme_id: str,
    month: str,
    *,
    after: str,
    limit: int,
    catalogue: Towns,
    sheets: Sheets,
    roster: Children,
    closings: Closings,
) -> Preview:
    """Raises `NotFound` for a programme that is not the town's, or no month."""
    town = await catalogue.town_of_programme(programme_id)
    if town.municipality_id != municipality_id:
        raise NotFound()
    days_of(month)
    found = findings(await sheets.of_programme(municipality_id, programme_id, month))
    rest = [one for one in found if one.cursor > after]
    page = tuple(rest[:limit])
    return Preview(
        counts=Counter(one.kind for one in found),
        page=page,
        children=await roster.children_in(municipality_id, {one.child_id for one in page}),
        next_cursor=page[-1].cursor if len(rest) > limit else None,
        closed=await closings.exists(municipality_id, programme_id, month),
    )

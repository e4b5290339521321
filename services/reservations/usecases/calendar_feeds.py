"""Private calendar links: made, listed, revoked by the household; read by whoever knows the link."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.feeds import (
    Appointment,
    Feed,
    appointments,
    months_shown,
    refuse_too_many,
    secret_hash,
)
from services.reservations.domain.sheet import Sheet
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id


class Feeds(Protocol):
    async def add(self, feed: Feed) -> None: ...
    async def of_household(self, household_id: str) -> list[Feed]: ...
    async def by_hash(self, secret_hash: str, *, now: datetime) -> Feed | None: ...
    async def remove(self, feed_id: str, household_id: str) -> bool: ...


class WithFormers(Protocol):
    @property
    def household_ids(self) -> Sequence[str]: ...
    @property
    def child_ids(self) -> Mapping[str, str]: ...


class Formers(Protocol):
    async def with_formers(self, household_id: str) -> WithFormers: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


class Sheets(Protocol):
    async def of_household(self, household_id: str, first_month: str, last_month: str) -> list[Sheet]: ...


@dataclass(frozen=True, kw_only=True)
class Rack:
    """Where calendar links hang, and what is read for them."""

    feeds: Feeds
    former: Formers
    catalogue: Towns
    roster: Children
    sheets: Sheets
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class ReadFeed:
    """`name`: of the one child it is about, empty for all."""

    feed: Feed
    name: str
    appointments: tuple[Appointment, ...]


async def make_feed(household_id: str, child_id: str, rack: Rack) -> tuple[Feed, str]:
    """The feed and the secret of its link, which is told this once. Raises `NotFound` for somebody else's child."""
    if child_id:
        _name(child_id, await rack.roster.children_of(household_id))
    refuse_too_many(await rack.feeds.of_household(household_id))
    secret, now = secrets.token_urlsafe(32), rack.clock()
    feed = Feed(
        id=new_id("cal"),
        household_id=household_id,
        child_id=child_id,
        secret_hash=secret_hash(secret),
        created_at=now,
        read_at=now,
    )
    await rack.feeds.add(feed)
    return feed, secret


async def revoke_feed(feed_id: str, household_id: str, rack: Rack) -> None:
    """From now on the link leads nowhere. Raises `NotFound`."""
    if not await rack.feeds.remove(feed_id, household_id):
        raise NotFound()


async def read_feed(secret: str, rack: Rack) -> ReadFeed:
    """What a calendar program gets. Raises `NotFound` alike for a revoked link and one that never was."""
    feed = await rack.feeds.by_hash(secret_hash(secret), now=rack.clock())
    if feed is None:
        raise NotFound()
    children, household = await asyncio.gather(
        rack.roster.children_of(feed.household_id), rack.former.with_formers(feed.household_id)
    )
    months = months_shown(rack.clock().date())
    sheets = [sheet for one in household.household_ids for sheet in await rack.sheets.of_household(one, *months)]
    known = {(child.child_id, child.municipality_id): child for child in children}
    found: list[Appointment] = []
    for sheet in sheets:
        child_id = household.child_ids.get(sheet.key.child_id, sheet.key.child_id)
        if feed.child_id in ("", child_id):
            town = await rack.catalogue.town(sheet.key.municipality_id)
            child = known.get((child_id, sheet.key.municipality_id))
            found += appointments(sheet, town, child, child_ids=household.child_ids)
    found.sort(key=lambda one: (one.day, one.uid))
    return ReadFeed(feed=feed, name=_shown_name(feed.child_id, children), appointments=tuple(found))


def _name(child_id: str, children: Sequence[RosterChild]) -> str:
    for child in children:
        if child.child_id == child_id:
            return child.first_name
    raise NotFound()


def _shown_name(child_id: str, children: Sequence[RosterChild]) -> str:
    """A child that left the household leaves a feed without a name and without days."""
    return next((child.first_name for child in children if child.child_id == child_id), "")

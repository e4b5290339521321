"""The link of a reminder: looking at it changes nothing; using it books the days once, like any cart."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.feeds import secret_hash
from services.reservations.domain.guard import Reminder
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_cart import LinkOver
from services.reservations.domain.town import Town
from services.reservations.domain.validation import Validation
from services.reservations.usecases.carry_out import Counter
from services.reservations.usecases.validate_cart import validate_lines
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id


class Reminders(Protocol):
    async def by_hash(self, secret_hash: str) -> Reminder | None: ...
    async def note_used(self, reminder: Reminder, *, now: datetime) -> None: ...
    async def keep_quiet(self, household_id: str, *, now: datetime) -> None: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


@dataclass(frozen=True, kw_only=True)
class Letterbox:
    """What a link is looked up in."""

    reminders: Reminders
    catalogue: Towns
    roster: Children
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Link:
    reminder: Reminder
    town: Town
    programme: Programme
    child: RosterChild
    over: bool


async def look_at_link(secret: str, letterbox: Letterbox) -> Link:
    """Raises `NotFound` for a link that is none, and for one whose child or programme is gone."""
    reminder = await letterbox.reminders.by_hash(secret_hash(secret))
    if reminder is None:
        raise NotFound()
    town = await letterbox.catalogue.town(reminder.municipality_id)
    for child in await letterbox.roster.children_of(reminder.household_id):
        if (child.child_id, child.municipality_id) == (reminder.child_id, reminder.municipality_id):
            programme = town.programme(reminder.programme_id)
            over = letterbox.clock() > reminder.until
            return Link(reminder=reminder, town=town, programme=programme, child=child, over=over)
    raise NotFound()


async def use_link(secret: str, letterbox: Letterbox, counter: Counter) -> tuple[Link, Validation]:
    """What became of each day; used again it answers the same and does nothing more. Raises `LinkOver`, `NotFound`."""
    link = await look_at_link(secret, letterbox)
    reminder = link.reminder
    if link.over and reminder.used_at is None:
        raise LinkOver(until=link.town.calendar.local(reminder.until))
    done = await validate_lines(_asked(link, counter.clock()), counter)
    await letterbox.reminders.note_used(reminder, now=counter.clock())
    return link, done


async def silence_link(secret: str, letterbox: Letterbox) -> None:
    """The household wants no more reminders. Raises `NotFound`."""
    link = await look_at_link(secret, letterbox)
    await letterbox.reminders.keep_quiet(link.reminder.household_id, now=letterbox.clock())


def _asked(link: Link, now: datetime) -> Validation:
    """A validation of its own, always by the same key: a crash is gone on from, a second click finds it done."""
    reminder = link.reminder
    return Validation(
        id=new_id("val"),
        household_id=reminder.household_id,
        key=f"usual-week-link/{reminder.id}",
        fingerprint=reminder.id,
        mode="possible",
        lines=tuple(
            Line(
                id=new_id("crt"),
                child_id=reminder.child_id,
                municipality_id=reminder.municipality_id,
                programme_id=reminder.programme_id,
                activity_id=activity_id,
                date=day,
                action="book",
                added_at=now,
            )
            for activity_id, day in reminder.slots
        ),
        order_ids={reminder.municipality_id: new_id("ord")},
    )

"""Shapes of waiting lists and offers."""

from datetime import date, datetime
from typing import Annotated

from pydantic import StringConstraints

from services.reservations.domain.waiting import Entry, EntryState, Step
from services.reservations.http.shapes import Id
from services.reservations.usecases.answer_offer import ShownOffer
from shared.local_dates import LocalDate
from shared.web import Answer, Body

Why = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class WhichList(Body):
    municipality_id: Id
    activity_id: Id
    date: LocalDate


class ListChange(Body):
    municipality_id: Id
    reason: Why


class OfferAnswer(Answer):
    """A place kept until `expires_at`."""

    offer_id: str
    expires_at: datetime


class TraceAnswer(Answer):
    """`by`: `family`, `town` for what happened by itself, else the agent's account."""

    at: datetime
    step: Step
    by: str
    reason: str


class EntryAnswer(Answer):
    """`rank`: 1 for the next in line, null for who waits no more. Names and the trail are told to agents only."""

    entry_id: str
    household_id: str
    child_id: str
    municipality_id: str
    activity_id: str
    date: date
    state: EntryState
    rank: int | None
    asked_at: datetime | None
    ends_at: datetime | None
    offer: OfferAnswer | None
    first_name: str | None = None
    last_name: str | None = None
    trail: list[TraceAnswer] | None = None


class EntriesAnswer(Answer):
    items: list[EntryAnswer]


class OpenOffer(Answer):
    """An offer as the page behind a mail's link shows it; `stands`: whether it can still be accepted."""

    offer_id: str
    state: EntryState
    stands: bool
    expires_at: datetime
    child_first_name: str
    municipality_id: str
    municipality_name: str
    time_zone: str
    programme_name: str
    activity_id: str
    activity_name: str
    date: date
    prepaid: bool


def entry_answer(entry: Entry) -> EntryAnswer:
    offer = entry.offer if entry.state == "offered" else None
    return EntryAnswer(
        entry_id=entry.id,
        household_id=entry.household_id,
        child_id=entry.child_id,
        municipality_id=entry.municipality_id,
        activity_id=entry.activity_id,
        date=entry.date,
        state=entry.state,
        rank=entry.rank or None,
        asked_at=entry.at,
        ends_at=entry.ends,
        offer=OfferAnswer(offer_id=offer.id, expires_at=offer.until) if offer else None,
    )


def with_trail(entry: Entry, first_name: str, last_name: str) -> EntryAnswer:
    """As agents see it."""
    trail = [TraceAnswer(at=one.at, step=one.step, by=one.by, reason=one.reason) for one in entry.trail]
    told = {"first_name": first_name, "last_name": last_name, "trail": trail}
    return entry_answer(entry).model_copy(update=told)


def open_offer(shown: ShownOffer) -> OpenOffer:
    entry, town = shown.entry, shown.town
    return OpenOffer(
        offer_id=shown.offer.id,
        state=entry.state,
        stands=shown.stands,
        expires_at=shown.offer.until,
        child_first_name=shown.child,
        municipality_id=town.municipality_id,
        municipality_name=town.name,
        time_zone=town.calendar.zone.key,
        programme_name=shown.programme.name,
        activity_id=entry.activity_id,
        activity_name=shown.activity.name,
        date=entry.date,
        prepaid=shown.programme.billing_mode == "prepaid",
    )

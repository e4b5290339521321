"""Periods, usual weeks and copied weeks, as they are asked for and answered."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field

from services.reservations.domain.cart_view import CartView
from services.reservations.domain.pattern import Pattern, Wanted, Weeks
from services.reservations.domain.period import Dropped
from services.reservations.http.shapes import Id, ShownRefusal, told
from services.reservations.http.shapes_of_carts import ShownCart, shown_cart
from services.reservations.usecases.fill_period import Granted
from shared.local_dates import LocalDate
from shared.web import Answer, Body, Int

Weekday = Annotated[Int, Field(ge=1, le=7)]


class PatternPart(Body):
    """The ISO weekdays (Monday 1) an activity is wanted on, in every ISO week or in odd or even ones only."""

    activity_id: Id
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    weeks: Weeks = "every"


class NewPeriod(Body):
    """From one day to another, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    child_id: Id
    programme_id: Id
    start: Annotated[LocalDate, Field(alias="from")]
    until: LocalDate
    pattern: Annotated[list[PatternPart], Field(min_length=1, max_length=20)]


class ShownPart(Answer):
    activity_id: str
    weekdays: list[int]
    weeks: Weeks


class AddedCount(Answer):
    activity_id: str
    name: str
    added: int


class DroppedDay(Answer):
    date: date
    activity_id: str
    problem: ShownRefusal
    child_id: str


class AddedDay(Answer):
    child_id: str
    activity_id: str
    date: date


class Clipped(Answer):
    """The part of the period that was looked at, and why no more of it."""

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    start: Annotated[date, Field(serialization_alias="from")]
    until: date
    problem: ShownRefusal


class ShownPeriod(Answer):
    added: int
    counts: list[AddedCount]
    dropped: list[DroppedDay]
    clipped: Clipped | None
    cart: ShownCart


class PreviewedPeriod(Answer):
    """What a period would add, day by day, and what it would not; nothing was changed."""

    added: int
    days: list[AddedDay]
    counts: list[AddedCount]
    dropped: list[DroppedDay]
    clipped: Clipped | None


class ShownPortion(Answer):
    """Of one child in one programme."""

    child_id: str
    programme_id: str
    added: int
    counts: list[AddedCount]
    dropped: list[DroppedDay]
    clipped: Clipped | None


class ShownWeeks(Answer):
    added: int
    portions: list[ShownPortion]
    cart: ShownCart


def pattern_of(parts: Sequence[PatternPart]) -> Pattern:
    return tuple(
        Wanted(activity_id=part.activity_id, weekdays=frozenset(part.weekdays), weeks=part.weeks) for part in parts
    )


def shown_part(wanted: Wanted) -> ShownPart:
    return ShownPart(activity_id=wanted.activity_id, weekdays=sorted(wanted.weekdays), weeks=wanted.weeks)


def shown_period(done: Granted, view: CartView, request: web.Request) -> ShownPeriod:
    return ShownPeriod(
        added=len(done.added),
        counts=_counts(done),
        dropped=[_dropped(day, request) for day in done.dropped],
        clipped=_clipped(done, request),
        cart=shown_cart(view, request),
    )


def previewed_period(done: Granted, request: web.Request) -> PreviewedPeriod:
    return PreviewedPeriod(
        added=len(done.added),
        days=[AddedDay(child_id=one.child_id, activity_id=one.activity_id, date=one.date) for one in done.added],
        counts=_counts(done),
        dropped=[_dropped(day, request) for day in done.dropped],
        clipped=_clipped(done, request),
    )


def shown_weeks(done: Sequence[Granted], view: CartView, request: web.Request) -> ShownWeeks:
    return ShownWeeks(
        added=sum(len(one.added) for one in done),
        portions=[_portion(one, request) for one in done],
        cart=shown_cart(view, request),
    )


def _portion(done: Granted, request: web.Request) -> ShownPortion:
    return ShownPortion(
        child_id=done.child.child_id,
        programme_id=done.programme.id,
        added=len(done.added),
        counts=_counts(done),
        dropped=[_dropped(day, request) for day in done.dropped],
        clipped=_clipped(done, request),
    )


def _counts(done: Granted) -> list[AddedCount]:
    names = {activity.id: activity.name for activity in done.programme.activities}
    added = [line.activity_id for line in done.added]
    return [AddedCount(activity_id=one, name=names[one], added=added.count(one)) for one in dict.fromkeys(added)]


def _clipped(done: Granted, request: web.Request) -> Clipped | None:
    period = done.period
    if period.clipped is None:
        return None
    return Clipped(start=period.start, until=period.until, problem=told(period.clipped, request))


def _dropped(day: Dropped, request: web.Request) -> DroppedDay:
    return DroppedDay(
        date=day.slot[1], activity_id=day.slot[0], problem=told(day.refusal, request), child_id=day.child_id
    )

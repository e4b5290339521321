"""Marks as the tests of attendance make them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from services.reservations.domain.attendance import Occasion, Outcome, Sighting
from services.reservations.usecases.mark_attendance import Marked, mark_attendance
from tests.reservations.rig import REPAS, TOWN, Rig
from tests.reservations.sample_town import calendar, town

NOON = datetime(2026, 3, 9, 11, 0, tzinfo=UTC)


def occasion(activity: str = REPAS, day: date = date(2026, 3, 9), *, ends: time | None = None) -> Occasion:
    found = town().activity(activity)
    programme = town().programme(found.programme_id)
    return Occasion(activity=replace(found, ends=ends), programme=programme, day=day, calendar=calendar())


def seen(outcome: Outcome, at: datetime = NOON, device: str = "", left_at: datetime | None = None) -> Sighting:
    return Sighting(outcome=outcome, at=at, device=device, left_at=left_at)


async def mark(rig: Rig, day: date, activity: str = REPAS, **outcomes: Outcome) -> Marked:
    """`chd_1_1="present"` and so on, seen now."""
    return await send(
        rig, day, *((child, seen(outcome, rig.now)) for child, outcome in outcomes.items()), activity=activity
    )


async def send(rig: Rig, day: date, *marks: tuple[str, Sighting], activity: str = REPAS) -> Marked:
    """What a tablet sends."""
    return await mark_attendance(TOWN, activity, day, marks, rig.stores.door(rig.clock))

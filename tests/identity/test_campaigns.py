"""The calendar begins the yearly reading by itself: in the town's month, once, at an hour people are awake."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.identity.app.campaigns import Campaigns
from services.identity.domain.confirmations import campaign_until
from services.identity.usecases.reconfirm import ask_for_confirmation, begin_campaigns
from tests.identity.conftest import Door
from tests.identity.homes import fathers, mothers
from tests.identity.samples import AURORE, MovableClock

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")


@pytest.mark.parametrize(
    ("month", "local", "until"),
    [
        (9, datetime(2061, 9, 1, 8, 0, tzinfo=PARIS), date(2061, 9, 30)),
        (9, datetime(2061, 9, 15, 23, 59, tzinfo=PARIS), date(2061, 9, 30)),
        (2, datetime(2064, 2, 3, 12, 0, tzinfo=PARIS), date(2064, 2, 29)),
        (9, datetime(2061, 9, 1, 7, 59, tzinfo=PARIS), None),
        (9, datetime(2061, 9, 16, 8, 0, tzinfo=PARIS), None),
        (9, datetime(2061, 8, 31, 23, 0, tzinfo=PARIS), None),
        (None, datetime(2061, 9, 1, 8, 0, tzinfo=PARIS), None),
    ],
)
def test_a_campaign_begins_in_the_first_half_of_the_towns_month_by_day(
    month: int | None, local: datetime, until: date | None
) -> None:
    assert campaign_until(month, local) == until


def test_each_town_reads_its_own_calendar() -> None:
    instant = datetime(2061, 9, 1, 5, 0, tzinfo=ZoneInfo("UTC"))

    assert campaign_until(9, instant.astimezone(PARIS)) is None
    assert campaign_until(9, instant.astimezone(REUNION)) == date(2061, 9, 30)


async def in_september(door: Door, clock: MovableClock) -> None:
    """The town asks in September, and it is the second of that month."""
    town = await door.parts.towns.get(AURORE)
    await door.parts.towns.save(replace(town, reconfirmation_month=9), [], clock())
    clock.now = datetime(clock.now.year + 1, 9, 2, 10, 0, tzinfo=PARIS)


async def begin(door: Door, clock: MovableClock) -> int:
    parts = door.parts
    return await begin_campaigns(towns=parts.towns, confirmations=parts.homes.confirmations, clock=clock)


async def test_the_towns_families_are_asked_once_and_newcomers_later(door: Door, clock: MovableClock) -> None:
    await mothers(door)
    await in_september(door, clock)
    first, again = await begin(door, clock), await begin(door, clock)
    await fathers(door)
    clock.now += timedelta(days=3)

    assert (first, again, await begin(door, clock)) == (1, 0, 1)
    told = await door.told("identity.reconfirmation_asked.v1")
    assert {one["data"]["until"] for one in told} == {f"{clock.now.year}-09-30"}


async def test_a_year_later_everybody_is_asked_anew(door: Door, clock: MovableClock) -> None:
    await mothers(door)
    await in_september(door, clock)
    await begin(door, clock)
    clock.now = clock.now.replace(year=clock.now.year + 1)

    assert await begin(door, clock) == 1


async def test_who_was_asked_by_hand_last_month_is_left_in_peace(door: Door, clock: MovableClock) -> None:
    await mothers(door)
    await in_september(door, clock)
    parts, now = door.parts, clock.now
    clock.now = now - timedelta(days=20)
    until = now.date() + timedelta(days=60)
    await ask_for_confirmation(AURORE, until, towns=parts.towns, confirmations=parts.homes.confirmations, clock=clock)
    clock.now = now

    assert await begin(door, clock) == 0


async def test_a_town_without_a_month_is_never_asked_by_itself(door: Door, clock: MovableClock) -> None:
    await mothers(door)
    clock.now = datetime(clock.now.year + 1, 9, 2, 10, 0, tzinfo=PARIS)

    assert await begin(door, clock) == 0


async def test_of_several_processes_one_looks_within_an_hour(door: Door, clock: MovableClock) -> None:
    begun: list[int] = []

    async def count() -> int:
        begun.append(1)
        return 1

    campaigns = Campaigns(door.db, count, clock)
    looked = [await campaigns.look(), await campaigns.look()]
    clock.now += timedelta(hours=1)

    assert (looked, await campaigns.look(), len(begun)) == ([1, None], 1, 2)

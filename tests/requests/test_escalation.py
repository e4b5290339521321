"""What time brings: dates that pass are told once, families that forget are reminded at 7 and 21 days."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.requests.domain.processing.asking import asked_for_more
from services.requests.domain.requests import Request
from services.requests.store import RequestStore, TownStore
from services.requests.usecases.processing.escalate import Escalated, escalate
from shared.mongo import Database
from tests.requests.samples import NOW, OTHER_TOWN, TOWN
from tests.requests.samples_of_processing import OFFICE, at, filed

REMIND = (timedelta(days=7), timedelta(days=21))


@pytest.fixture
def requests(db: Database) -> RequestStore:
    return RequestStore(db, lambda _: None)


async def looked(db: Database, requests: RequestStore, now: datetime) -> Escalated:
    clock: Callable[[], datetime] = lambda: now  # noqa: E731  # a clock that stands still
    return await escalate(requests=requests, towns=TownStore(db), clock=clock, remind_after=REMIND)


async def told(db: Database, request: Request) -> list[str]:
    found = await db["requests"].find_one({"_id": request.id})
    return [one["type"] for one in (found or {}).get("outbox", [])]


async def test_a_date_that_passed_is_told_once(db: Database, requests: RequestStore) -> None:
    """Promised for Friday 27 November."""
    request = filed()
    await requests.add(request)

    early = await looked(db, requests, at("2026-11-27 23:59"))
    late = [await looked(db, requests, at("2026-11-28 00:00")) for _ in range(2)]

    assert (early.overdue, [one.overdue for one in late]) == (0, [1, 0])
    assert await told(db, request) == ["requests.request_overdue.v1"]
    assert (await requests.of_household(request.id, request.household_id)).version == request.version + 1


async def test_the_day_is_the_towns(db: Database, requests: RequestStore) -> None:
    await TownStore(db).keep(OTHER_TOWN, "Indian/Reunion", 1)
    for number, town in enumerate((TOWN, OTHER_TOWN)):
        await requests.add(replace(filed(), id=f"req_{number}", municipality_id=town))

    assert (await looked(db, requests, at("2026-11-27 22:30"))).overdue == 1
    assert (await looked(db, requests, at("2026-11-28 00:30"))).overdue == 1


async def test_a_family_is_reminded_after_seven_days_and_after_three_weeks(
    db: Database, requests: RequestStore
) -> None:
    request, _ = asked_for_more(filed(), "?", fields=[], slots=[], by="acc_agent", now=NOW, office=OFFICE)
    await requests.add(request)

    found = [
        (await looked(db, requests, NOW + timedelta(days=days, seconds=1))).reminded for days in (6, 7, 8, 20, 21, 60)
    ]

    assert found == [0, 1, 0, 0, 1, 0]
    assert await told(db, request) == ["requests.family_still_awaited.v1"] * 2


async def test_a_service_that_was_away_reminds_once(db: Database, requests: RequestStore) -> None:
    request, _ = asked_for_more(filed(), "?", fields=[], slots=[], by="acc_agent", now=NOW, office=OFFICE)
    await requests.add(request)

    found = [(await looked(db, requests, NOW + timedelta(days=60))).reminded for _ in range(2)]

    assert found == [1, 0]

"""The daily job: once a day, everything that is due, one failure keeping nothing else."""

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY

from shared.mongo import Database
from shared.retention import Janitor

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


class Broom:
    def __init__(self) -> None:
        self.swept: list[datetime] = []

    async def __call__(self, now: datetime) -> int:
        self.swept.append(now)
        return 7


async def test_it_works_once_a_day_by_the_clock_whatever_the_number_of_processes(database: Database) -> None:
    now = NOW
    broom = Broom()
    janitors = [Janitor("test", database, {"carts": broom}, lambda: now) for _ in range(3)]

    first = [await janitor.clean_once_a_day() for janitor in janitors]
    now += timedelta(hours=1)
    second = [await janitor.clean_once_a_day() for janitor in reversed(janitors)]

    assert first == second == [{"carts": 7}, None, None]
    assert broom.swept == [NOW, NOW + timedelta(hours=1)]


async def test_a_part_that_fails_keeps_no_other_from_being_done(database: Database) -> None:
    async def broken(_: datetime) -> int:
        raise ConnectionError

    failed = REGISTRY.get_sample_value("preau_retention_failed_total", {"service": "broken"}) or 0
    gone = await Janitor("broken", database, {"a": broken, "b": Broom()}, lambda: NOW).clean(NOW)

    assert gone == {"b": 7}
    assert REGISTRY.get_sample_value("preau_retention_failed_total", {"service": "broken"}) == failed + 1


async def test_what_went_is_counted(database: Database) -> None:
    labels = {"service": "counting", "what": "carts"}
    await Janitor("counting", database, {"carts": Broom()}, lambda: NOW).clean(NOW)

    assert REGISTRY.get_sample_value("preau_retention_total", labels) == 7
    assert REGISTRY.get_sample_value("preau_retention_last_seconds", {"service": "counting"}) == NOW.timestamp()

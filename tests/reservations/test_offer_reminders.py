"""A family is told once more before an offered place goes to another child: on a real database."""

from datetime import timedelta

import pytest

from shared.mongo import Database
from tests.reservations.rig import ATELIER, Rig, child_of, household
from tests.reservations.test_offers import accept, cancel, entry_of, line, told

__all__ = ["line"]
# Since the offer was made, and until it ends: the last quarter has begun, or not.
LATE, EARLY = (timedelta(hours=20), timedelta(hours=4)), (timedelta(hours=16), timedelta(hours=8))


async def offered(rig: Rig, since: timedelta, left: timedelta) -> None:
    """As if the second family's offer had been made that long ago, by the database's clock."""
    await cancel(rig)
    await rig.sweep()
    times = {"offer.made_at": _shifted(-since), "offer.until": _shifted(left)}
    await rig.database["waiting"].update_one({"household_id": household(2)}, [{"$set": times}])
    await rig.sweep()


def _shifted(by: timedelta) -> dict[str, list[object]]:
    return {"$add": ["$$NOW", int(by.total_seconds() * 1000)]}


async def test_an_unanswered_offer_is_told_once_more_in_the_last_quarter_of_its_time(line: Rig) -> None:  # the fixture
    await offered(line, *LATE)
    await line.sweep()

    (ending,) = await told(line, "waiting_offer_ending")
    offer = (await entry_of(line, 2)).offer
    assert offer is not None
    assert (ending["offer_id"], ending["child_id"], ending["activity_id"]) == (offer.id, child_of(2, 1), ATELIER)
    assert ending["activity_name"]
    assert await line.violations() == []


@pytest.mark.parametrize("times", [EARLY, (timedelta(minutes=80), timedelta(minutes=10))], ids=["early", "short"])
async def test_nobody_is_pressed_early_or_when_the_offer_stands_for_minutes(
    line: Rig,  # the fixture
    times: tuple[timedelta, timedelta],
) -> None:
    await offered(line, *times)

    assert await told(line, "waiting_offer_ending") == []


async def test_being_told_once_more_keeps_nobody_from_accepting(line: Rig, books: Database) -> None:
    await offered(line, *LATE)

    assert (await accept(line, 2)).outcome == "confirmed"
    await line.sweep()
    assert len(await told(line, "waiting_offer_ending")) == 1

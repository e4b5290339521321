"""The process dies while it offers a place, ends an offer or takes an answer: nothing is lost, nobody passed over."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from services.reservations.usecases.answer_offer import accept_offer, decline_offer, leave_waiting_list
from services.reservations.usecases.end_offers import expire_offer
from shared.mongo import Database
from tests.reservations.rig import ATELIER, MONDAY, Rig, household, set_up
from tests.reservations.test_crashes import Crash, dying
from tests.reservations.test_offers import accept, cancel, entry_of, states, told
from tests.reservations.test_waiting import join


@pytest.fixture
async def line(books: Database) -> Rig:
    """One place, booked by the first family; the second, third and fourth wait in this order."""
    rig = await set_up(books, places=1, families=5, children=1)
    await rig.book(ATELIER, MONDAY)
    for family in (2, 3, 4):
        await join(rig, family=family)
    return rig


async def let_moments_pass(rig: Rig) -> None:
    """As if every place that is held or offered for a moment had waited for that long."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    await rig.database["places"].update_many({"state": {"$in": ["offered", "held"]}}, {"$set": {"exp": past}})


async def settle(rig: Rig) -> None:
    for _ in range(3):
        await rig.sweep()
        await let_moments_pass(rig)
    await rig.sweep()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(("store", "method"), [("places", "free"), ("places", "loosen"), ("sheets", "write")])
async def test_a_cancellation_cut_off_ends_with_an_offer_or_with_the_place_still_booked(
    line: Rig, store: str, method: str, done: bool
) -> None:
    await line.choose(ATELIER, MONDAY, action="cancel")
    with dying(line, store, method, done=done), pytest.raises(Crash):
        await line.validate()
    await settle(line)

    cancelled = await line.state(ATELIER, MONDAY) == "cancelled"
    assert await line.places(ATELIER, MONDAY) == ["offered" if cancelled else "confirmed"]
    assert await states(line) == {2: "offered" if cancelled else "waiting", 3: "waiting", 4: "waiting"}
    assert await line.violations() == []


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("store", "method"),
    [("kept", "look_at"), ("kept", "take_for"), ("waiting", "move"), ("kept", "keep_until")],
)
async def test_offering_cut_off_at_any_step_offers_once_and_to_the_first(
    line: Rig, store: str, method: str, done: bool
) -> None:
    await cancel(line)
    with dying(line, store, method, done=done), pytest.raises((Crash, ExceptionGroup)):
        await line.sweep()
    await settle(line)

    assert await states(line) == {2: "offered", 3: "waiting", 4: "waiting"}
    assert await line.places(ATELIER, MONDAY) == ["offered"]
    assert len(await told(line, "waiting_offer_letter")) == 1
    assert await line.violations() == []
    assert (await accept(line, 2)).outcome == "confirmed"


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(("store", "method"), [("kept", "take_back"), ("waiting", "move"), ("waiting", "settled")])
async def test_an_expiry_cut_off_at_any_step_asks_the_next(line: Rig, store: str, method: str, done: bool) -> None:
    await cancel(line)
    await line.sweep()
    await line.let_offers_end()
    with dying(line, store, method, done=done), pytest.raises((Crash, ExceptionGroup)):
        await line.sweep()
    await settle(line)

    assert await states(line) == {2: "expired", 3: "offered", 4: "waiting"}
    assert [one["outcome"] for one in await told(line, "waiting_offer_ended")] == ["expired"]
    assert await line.violations() == []


@pytest.mark.parametrize("answer", [decline_offer, leave_waiting_list])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(("store", "method"), [("waiting", "move"), ("kept", "take_back"), ("waiting", "settled")])
async def test_a_no_cut_off_at_any_step_and_said_again_asks_the_next(
    line: Rig, store: str, method: str, done: bool, answer: object
) -> None:
    await cancel(line)
    await line.sweep()

    async def say_no() -> None:
        desk, entry = line.stores.lectern(line.clock), await entry_of(line, 2)
        if answer is decline_offer:
            await decline_offer(entry, desk)
        else:
            await leave_waiting_list(entry.id, household(2), desk)

    with dying(line, store, method, done=done), suppress(Crash):
        await say_no()
    await say_no()
    await settle(line)

    assert (await states(line))[3] == "offered"
    assert await line.places(ATELIER, MONDAY) == ["offered"]
    assert await line.violations() == []


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("store", "method"),
    [("places", "claim"), ("sheets", "write"), ("places", "confirm"), ("waiting", "leave"), ("waiting", "move")],
)
async def test_a_yes_cut_off_at_any_step_books_once_or_asks_the_next(
    line: Rig, store: str, method: str, done: bool, again: bool
) -> None:
    await cancel(line)
    await line.sweep()
    with dying(line, store, method, done=done), pytest.raises(Crash):
        await accept_offer(await entry_of(line, 2), line.stores.lectern(line.clock))
    if again:
        assert (await accept(line, 2)).outcome == "confirmed"
    await line.let_offers_end()
    await settle(line)

    booked = await line.state(ATELIER, MONDAY, family=2) == "booked"
    assert booked or not again
    assert await line.places(ATELIER, MONDAY) == ["confirmed" if booked else "offered"]
    assert (await states(line))[2] in (("accepted", "booked") if booked else ("expired",))
    assert (await states(line))[3] == ("waiting" if booked else "offered")
    assert await line.violations() == []


async def test_accepting_while_the_offer_ends_is_one_or_the_other(line: Rig) -> None:
    """A sweeper that read the offer as over, and a family that read it as standing, at the same moment."""
    await cancel(line)
    await line.sweep()
    entry = await entry_of(line, 2)
    await asyncio.gather(
        accept_offer(entry, line.stores.lectern(line.clock)),
        expire_offer(entry, line.stores.bench(line.clock)),
        return_exceptions=True,
    )
    await line.let_offers_end()
    await settle(line)

    booked = await line.state(ATELIER, MONDAY, family=2) == "booked"
    assert (await states(line))[2] in (("accepted", "booked") if booked else ("expired",))
    assert await line.places(ATELIER, MONDAY) == ["confirmed" if booked else "offered"]
    assert await line.violations() == []

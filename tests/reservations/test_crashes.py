"""The process dies between any two writes: what the sweeper, or the same key, makes of it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from services.reservations.app.stores import Stores
from services.reservations.domain.order import OrderLine
from services.reservations.domain.places import Claim
from services.reservations.domain.refusals import AlreadyBooked
from services.reservations.domain.sheet import Change, Sheet
from services.reservations.usecases.books import Books
from shared.errors import Conflict
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, REPAS, SOIR_1, TUESDAY, WEDNESDAY, Rig, sheet_key, slots

SLOT = slots(ATELIER, MONDAY)
KEY = sheet_key(ATELIER, MONDAY)


class Crash(Exception):
    """Stands for the end of the process."""


class Process:
    """Calls to stores, until one of them is the last: it comes too late, or its answer does. Nothing passes after it,
    not even what would tidy up.
    """

    def __init__(self, store: str, method: str, *, at: int, done: bool) -> None:
        self._last, self._left, self._done, self._dead = (store, method), at, done, False

    async def call(self, name: tuple[str, str], found: Any, *args: Any, **rest: Any) -> Any:
        self._left -= name == self._last
        ends = name == self._last and self._left == 0
        if self._dead or (ends and not self._done):
            self._dead = True
            raise Crash()
        answer = await found(*args, **rest)
        if ends:
            self._dead = True
            raise Crash()
        return answer


class Through:
    """A store as a process sees it."""

    def __init__(self, process: Process, name: str, store: Any) -> None:
        self._process, self._name, self._store = process, name, store

    def __getattr__(self, method: str) -> Any:
        return partial(self._process.call, (self._name, method), getattr(self._store, method))


@contextmanager
def dying(
    rig: Rig, store: str, method: str, *, at: int = 1, done: bool, kind: type[Process] = Process
) -> Iterator[None]:
    """The process dies at the n-th call of a store's method, before it is `done` or right after."""
    whole = dict(vars(rig.stores))
    process = kind(store, method, at=at, done=done)
    parts = ("sheets", "places", "waiting", "closings", "orders")
    rig.stores.books = Books(**{name: Through(process, name, getattr(rig.stores, name)) for name in parts})
    for name in ("carts", "validations", "closings", "orders", "places", "kept", "waiting"):
        setattr(rig.stores, name, Through(process, name, getattr(rig.stores, name)))
    yield
    vars(rig.stores).update(whole)


def claim(attempt: str = "attempt-1") -> Claim:
    return Claim(key=KEY, attempt=attempt, capacities=dict.fromkeys(SLOT, 2))


async def booking(rig: Rig, sheet: Sheet) -> Change:
    town = await rig.stores.catalogue.town("sainte-aurore")
    return sheet.book(SLOT, town.programme("sainte-aurore.ateliers"))


async def test_held_and_then_nothing_is_freed(rig: Rig) -> None:
    await rig.stores.places.claim(SLOT, claim())
    assert await rig.sweep() == 0
    await rig.let_holds_end()

    await rig.sweep()

    assert await rig.places(ATELIER, MONDAY) == []
    assert await rig.violations() == []


async def test_held_and_booked_and_then_nothing_is_confirmed(rig: Rig) -> None:
    await rig.stores.places.claim(SLOT, claim())
    sheet = await rig.stores.sheets.get(KEY)
    await rig.stores.sheets.write(sheet, await booking(rig, sheet), now=rig.now)
    await rig.let_holds_end()

    await rig.sweep()

    assert await rig.places(ATELIER, MONDAY) == ["confirmed"]
    assert await rig.violations() == []


@pytest.mark.parametrize("written_before", [False, True])
async def test_a_write_slower_than_its_hold_does_not_pass(rig: Rig, written_before: bool) -> None:
    if written_before:
        await rig.book(ATELIER, TUESDAY)
    sheet = await rig.stores.sheets.get(KEY)
    await rig.stores.places.claim(SLOT, claim())
    await rig.let_holds_end()
    await rig.sweep()

    with pytest.raises(Conflict):
        await rig.stores.sheets.write(sheet, await booking(rig, sheet), now=rig.now)
    assert await rig.places(ATELIER, MONDAY) == []


async def test_a_sweeper_slower_than_the_next_claim_frees_nothing(rig: Rig) -> None:
    """It looked at the sheet, then the same child claimed the place anew."""
    await rig.stores.places.claim(SLOT, claim("attempt-1"))
    await rig.let_holds_end()
    (place,) = await rig.stores.places.expired()
    await rig.stores.places.claim(SLOT, claim("attempt-2"), again=True)

    await rig.stores.places.settle(place, booked=False)

    assert await rig.places(ATELIER, MONDAY) == ["held"]


async def test_loosened_and_then_nothing_is_confirmed_again(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.stores.places.loosen(SLOT, claim())
    await rig.let_holds_end()

    await rig.sweep()

    assert await rig.places(ATELIER, MONDAY) == ["confirmed"]


async def test_loosened_and_cancelled_and_then_nothing_is_freed(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY)
    await rig.stores.places.loosen(SLOT, claim())
    sheet = await rig.stores.sheets.get(KEY)
    town = await rig.stores.catalogue.town("sainte-aurore")
    cancelled = sheet.cancel(SLOT, town.programme("sainte-aurore.ateliers"))
    await rig.stores.sheets.write(sheet, cancelled, now=rig.now)
    await rig.let_holds_end()

    await rig.sweep()

    assert await rig.places(ATELIER, MONDAY) == []
    assert await rig.violations() == []


async def test_an_order_opened_and_then_nothing_ends_untold(rig: Rig) -> None:
    line = OrderLine(child_id="chd_1_1", programme_id="sainte-aurore.loisirs", activity_id=JOURNEE, date=WEDNESDAY)
    hold = (await rig.stores.catalogue.town("sainte-aurore")).programme_of(JOURNEE).regulation.payment_hold
    await rig.stores.orders.open("ord_1", "hsh_1", "sainte-aurore", [line], hold=hold)
    await rig.let_holds_end()

    await rig.sweep()

    order = await rig.stores.orders.get("ord_1", "hsh_1")
    assert order is not None
    assert order.state == "released"
    assert await rig.told("orders") == []


STEPS = [
    ("places", "claim", False),
    ("places", "claim", True),
    ("sheets", "write", False),
    ("sheets", "write", True),
    ("orders", "move", False),
    ("orders", "move", True),
]


@pytest.mark.parametrize(("store", "method", "done"), STEPS)
async def test_one_tap_on_a_prepaid_day_cut_off_at_any_step_is_settled(
    rig: Rig, store: str, method: str, done: bool
) -> None:
    with dying(rig, store, method, at=1, done=done), pytest.raises(Crash):
        await rig.book(JOURNEE, WEDNESDAY, key="one-key-only")

    await rig.let_holds_end()
    for _ in range(2):
        await rig.sweep()

    assert await rig.places(JOURNEE, WEDNESDAY) == []
    assert await rig.state(JOURNEE, WEDNESDAY) is None
    assert await rig.violations() == []


@pytest.mark.parametrize(("store", "method", "done"), STEPS)
async def test_one_tap_cut_off_at_any_step_and_sent_again_is_held(
    rig: Rig, store: str, method: str, done: bool
) -> None:
    with dying(rig, store, method, at=1, done=done), pytest.raises(Crash):
        await rig.book(JOURNEE, WEDNESDAY, key="one-key-only")

    booked = await rig.book(JOURNEE, WEDNESDAY, key="one-key-only")

    assert booked.order is not None
    await rig.pay(booked.order.id)
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    assert [name for name, _ in await rig.told()] == ["booking_confirmed"]
    await rig.let_holds_end()
    await rig.sweep()
    assert await rig.violations() == []


async def idle(rig: Rig) -> None:
    """As if nobody had worked at the validations for a long time."""
    await rig.database["validations"].update_many({}, {"$set": {"seen": datetime(2020, 1, 1, tzinfo=UTC)}})


CART_STEPS = [
    (store, method, at, done)
    for store, method in (("places", "claim"), ("sheets", "write"), ("places", "confirm"), ("orders", "move"))
    for at in (1, 2)
    for done in (False, True)
    if (store, method, at) not in {("places", "confirm", 2), ("orders", "move", 2)}
]


@pytest.mark.parametrize("mode", ["possible", "all"])
@pytest.mark.parametrize(("store", "method", "at", "done"), CART_STEPS)
@pytest.mark.parametrize("by_key", [True, False])
async def test_a_validation_cut_off_at_any_step_is_finished_by_its_key_or_by_the_sweeper(
    rig: Rig, store: str, method: str, at: int, done: bool, mode: Any, by_key: bool
) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(SOIR_1, MONDAY)
    await rig.choose(ATELIER, MONDAY)
    await rig.choose(JOURNEE, WEDNESDAY)
    with dying(rig, store, method, at=at, done=done), pytest.raises(Crash):
        await rig.validate(mode, key="one-key-only")
    await idle(rig)

    if not by_key:
        await rig.sweep()
    validation = await rig.validate(mode, key="one-key-only")

    assert sorted(outcome.outcome for outcome in validation.outcomes) == ["confirmed"] * 3 + ["held"]
    assert [name for name, _ in await rig.told()] == ["booking_confirmed"] * 3
    assert [name for name, _ in await rig.told("orders")] == ["places_held"]
    assert (await rig.stores.carts.get("hsh_1")).lines == ()
    await rig.pay(validation.order_ids["sainte-aurore"])
    await rig.let_holds_end()
    await rig.sweep()
    assert await rig.places(ATELIER, MONDAY) == ["confirmed"]
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    assert await rig.violations() == []


@pytest.mark.parametrize(
    ("store", "method", "at", "done"),
    [
        ("orders", "move", 1, False),
        ("orders", "move", 1, True),
        ("sheets", "write", 1, False),
        ("sheets", "write", 1, True),
        ("places", "confirm_order", 1, False),
        ("places", "confirm_order", 1, True),
        ("orders", "move", 2, False),
        ("orders", "move", 2, True),
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_a_payment_cut_off_at_any_step_is_finished_when_it_is_told_again(
    rig: Rig, store: str, method: str, at: int, done: bool, late: bool
) -> None:
    booked = await rig.book(JOURNEE, WEDNESDAY)
    assert booked.order is not None
    if late:
        await rig.let_holds_end()
        await rig.sweep()
    with dying(rig, store, method, at=at, done=done), pytest.raises(Crash):
        await rig.pay(booked.order.id)
    await rig.let_holds_end()
    await rig.sweep()

    await rig.pay(booked.order.id)

    assert await rig.state(JOURNEE, WEDNESDAY) == "booked"
    assert [name for name, _ in await rig.told()] == ["booking_confirmed"]
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    await rig.let_holds_end()
    await rig.sweep()
    assert await rig.violations() == []


@pytest.mark.parametrize(
    ("store", "method", "at", "done"),
    [
        ("orders", "move", 1, True),
        ("sheets", "write", 1, False),
        ("sheets", "write", 1, True),
        ("places", "settle", 1, False),
        ("places", "settle", 1, True),
        ("orders", "move", 2, False),
    ],
)
async def test_an_expiry_cut_off_at_any_step_is_finished_by_the_next_round(
    rig: Rig, store: str, method: str, at: int, done: bool
) -> None:
    await rig.book(JOURNEE, WEDNESDAY)
    await rig.let_holds_end()
    with dying(rig, store, method, at=at, done=done), pytest.raises((Crash, ExceptionGroup)):
        await rig.sweep()

    await rig.sweep()

    assert [name for name, _ in await rig.told("orders")] == ["places_held", "places_released"]
    assert await rig.places(JOURNEE, WEDNESDAY) == []
    assert await rig.state(JOURNEE, WEDNESDAY) is None
    assert await rig.violations() == []


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("store", "method", "at"),
    [("validations", "undo", 1), ("places", "loosen", 1), ("sheets", "write", 3), ("validations", "finish", 1)],
)
async def test_taking_back_cut_off_at_any_step_is_finished(
    rig: Rig, store: str, method: str, at: int, done: bool
) -> None:
    """All or nothing: the second sheet is overtaken, and the process dies while it takes the first back."""
    await rig.choose(ATELIER, MONDAY)
    await rig.choose(REPAS, MONDAY)
    other = Rig(rig.database, Stores(rig.database, lambda _: None))

    class Overtaken(Process):
        async def call(self, name: tuple[str, str], found: Any, *args: Any, **rest: Any) -> Any:
            if name == ("sheets", "write") and args[0].key.programme_id.endswith("restaurant"):
                with suppress(AlreadyBooked):
                    await other.book(REPAS, MONDAY)
            return await super().call(name, found, *args, **rest)

    with dying(rig, store, method, at=at, done=done, kind=Overtaken), pytest.raises(Crash):
        await rig.validate("all", key="one-key-only")
    await idle(rig)
    await rig.sweep()

    validation = await rig.validate("all", key="one-key-only")

    assert [outcome.outcome for outcome in validation.outcomes] == ["refused", "refused"]
    assert await rig.state(ATELIER, MONDAY) in (None, "cancelled")
    await rig.let_holds_end()
    await rig.sweep()
    assert await rig.places(ATELIER, MONDAY) == []
    assert await rig.state(REPAS, MONDAY) == "booked"
    assert await rig.violations() == []

"""The feeder: every subscription from its place on, each by itself, whatever the others do."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from services.partners.app.arrivals import Arrivals
from services.partners.app.feeding import Feeder
from services.partners.domain.facts import Outgoing
from services.partners.domain.subscriptions import Subscription
from services.partners.store import FeedStore, LogStore, SubscriptionStore
from services.partners.store.recent import RecentLog
from services.partners.usecases.serve_feed import serve_next
from services.partners.usecases.targets import Receipt
from shared.errors import Unavailable
from shared.mongo import Database
from tests.journeys.clock import eventually
from tests.partners.samples import BASE, BOOKED, FROZEN, ISSUED, NOW, TOWN, entry, fact, subscription


@dataclass
class Shelf:
    """A target that keeps what it is given, and behaves as it is told."""

    taken: dict[str, list[int]] = field(default_factory=dict)
    mood: dict[str, Receipt | Exception] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    most: int = 1_000

    def check(self, subscription: Subscription) -> None: ...

    async def open(self, subscription: Subscription) -> Mapping[str, str]:
        return {}

    async def renew(self, subscription: Subscription, overlap: timedelta) -> Mapping[str, str]:
        return {}

    async def close(self, subscription: Subscription) -> None:
        self.closed.append(subscription.id)

    async def deliver(self, subscription: Subscription, batch: Sequence[Outgoing]) -> Receipt:
        mood = self.mood.get(subscription.id)
        if isinstance(mood, Exception):
            raise mood
        receipt = mood or Receipt(taken=min(len(batch), self.most))
        self.taken.setdefault(subscription.id, []).extend(one.position for one in batch[: receipt.taken])
        return receipt


@dataclass
class Pages:
    facts: Sequence[object]

    async def after(self, town: str, position: int, limit: int):
        return [one for one in self.facts if one.position > position][:limit]

    def minimised(self, fact, profile: str):
        return RecentLog(None, BASE).minimised(fact, profile)  # type: ignore[arg-type]  # reads nothing


async def test_a_step_takes_what_the_profile_and_the_types_name() -> None:
    shelf, pages = Shelf(), Pages([fact(1), fact(2, ISSUED), fact(3, BOOKED), fact(4)])

    step = await serve_next(subscription(types=(FROZEN,)), 0, recent=pages, target=shelf)

    assert (step.position, step.read, shelf.taken) == (4, 4, {"psb_0001": [1, 4]})


async def test_a_step_past_what_is_none_of_its_business_calls_nobody() -> None:
    shelf, pages = Shelf(), Pages([fact(1, ISSUED), fact(2, BOOKED)])

    step = await serve_next(subscription(), 0, recent=pages, target=shelf)

    assert (step.position, step.read, shelf.taken) == (2, 2, {})


async def test_what_was_not_taken_stays_next() -> None:
    shelf, pages = Shelf(most=2), Pages([fact(1), fact(2, ISSUED), fact(3), fact(4), fact(5, ISSUED)])

    first = await serve_next(subscription(), 0, recent=pages, target=shelf)
    second = await serve_next(subscription(), first.position, recent=pages, target=shelf)

    assert (first.position, second.position) == (3, 5)
    assert shelf.taken["psb_0001"] == [1, 3, 4]


@dataclass(kw_only=True)
class Rig:
    db: Database
    shelf: Shelf
    arrivals: Arrivals
    feeder: Feeder
    subscriptions: SubscriptionStore
    feeds: FeedStore
    woken: list[str]

    async def subscribe(self, name: str, position: int = 0, **changes: object) -> Subscription:
        made = await self.subscriptions.add(subscription(id=name, **changes))
        await self.feeds.add(name, TOWN, position)
        self.feeder.wake()
        return made

    async def tell(self, *numbers: int) -> None:
        self.arrivals.tell(await LogStore(self.db).append([entry(n) for n in numbers]))

    async def has(self, name: str, *numbers: int) -> None:
        await eventually(f"{name} has {numbers}", lambda: self._has(name, list(numbers)), 15)

    async def _has(self, name: str, numbers: list[int]) -> bool:
        return self.shelf.taken.get(name, []) == numbers


def rig_of(db: Database, holder: str = "me", shelf: Shelf | None = None) -> Rig:
    shelf, arrivals, woken = shelf or Shelf(), Arrivals(), []
    subscriptions, feeds = SubscriptionStore(db, woken.append), FeedStore(db, holder)
    feeder = Feeder(
        subscriptions=subscriptions,
        feeds=feeds,
        recent=RecentLog(LogStore(db), BASE),
        targets={"amqp": shelf},
        arrivals=arrivals,
        clock=lambda: NOW,
    )
    return Rig(
        db=db,
        shelf=shelf,
        arrivals=arrivals,
        feeder=feeder,
        subscriptions=subscriptions,
        feeds=feeds,
        woken=woken,
    )


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Rig]:
    async with rig.feeder.running(None):  # type: ignore[arg-type]  # it needs no application
        yield rig


@pytest.fixture
async def rig(db: Database) -> AsyncIterator[Rig]:
    async with running(rig_of(db)) as rig:
        yield rig


async def test_each_is_served_from_its_place_on_and_hears_what_comes(rig: Rig) -> None:
    await rig.tell(1, 2, 3)
    await rig.subscribe("psb_early")
    await rig.subscribe("psb_late", position=2)
    await rig.has("psb_early", 1, 2, 3)
    await rig.has("psb_late", 3)

    await rig.tell(4)

    await rig.has("psb_early", 1, 2, 3, 4)
    await rig.has("psb_late", 3, 4)
    assert rig.shelf.taken.keys() == {"psb_early", "psb_late"}


async def test_one_that_takes_nothing_or_fails_holds_nobody_up(rig: Rig) -> None:
    rig.shelf.mood = {"psb_full": Receipt(taken=0, wait=60), "psb_away": Unavailable()}
    for name in ("psb_full", "psb_away", "psb_well"):
        await rig.subscribe(name)

    await rig.tell(*range(1, 150))

    await rig.has("psb_well", *range(1, 150))
    assert rig.shelf.taken.get("psb_full", []) == []


async def test_where_it_is_is_saved_and_another_process_goes_on_there(db: Database, rig: Rig) -> None:
    await rig.subscribe("psb_1")
    await rig.tell(1, 2, 3)
    await rig.has("psb_1", 1, 2, 3)

    await rig.feeder.tick()

    assert (await rig.feeds.positions(TOWN))["psb_1"] == 3


async def test_a_replay_goes_back_and_on_again(rig: Rig) -> None:
    await rig.subscribe("psb_1")
    await rig.tell(1, 2, 3)
    await rig.has("psb_1", 1, 2, 3)
    await rig.feeder.tick()

    await rig.feeds.move("psb_1", TOWN, 1)
    rig.feeder.wake()

    await rig.has("psb_1", 1, 2, 3, 2, 3)
    assert await _at(rig, "psb_1", 3)


async def test_a_paused_one_is_served_no_more_until_it_is_resumed(rig: Rig) -> None:
    made = await rig.subscribe("psb_1")
    await rig.tell(1)
    await rig.has("psb_1", 1)

    paused = await rig.subscriptions.save(made.paused("manager"), NOW)
    await rig.feeder.tick()
    await rig.tell(2)
    await rig.feeder.tick()
    assert rig.shelf.taken["psb_1"] == [1]

    await rig.subscriptions.save(paused.resumed(), NOW)
    rig.feeder.wake()
    await rig.has("psb_1", 1, 2)


async def test_one_whose_target_says_so_is_paused_and_the_town_is_told(db: Database, rig: Rig) -> None:
    rig.shelf.mood = {"psb_1": Receipt(taken=0, pause="gone")}
    await rig.subscribe("psb_1")
    await rig.tell(1)

    async def is_paused() -> bool:
        return (await rig.subscriptions.get("psb_1", {TOWN})).state == "paused"

    await eventually("a pause", is_paused, 15)
    found = await db["subscriptions"].find_one({"_id": "psb_1"})
    assert found is not None
    assert [one["type"] for one in found["outbox"]] == ["partners.subscription_paused.v1"]
    assert rig.woken == ["subscriptions"]


async def test_another_profile_counts_from_the_next_event_on(rig: Rig) -> None:
    made = await rig.subscribe("psb_1")
    await rig.tell(1)
    await rig.has("psb_1", 1)

    changed = made.described(name="x", profile="accounting", types=(), url="")
    await rig.subscriptions.save(changed, NOW)
    await rig.feeder.tick()
    await rig.tell(2)
    await rig.feeder.tick()

    await eventually("the end", lambda: _at(rig, "psb_1", 2), 15)
    assert rig.shelf.taken["psb_1"] == [1]


async def test_what_could_not_be_taken_away_is_taken_away_later(db: Database) -> None:
    rig = rig_of(db)
    made = await rig.subscriptions.add(subscription(id="psb_1"))
    await rig.subscriptions.end(made.ended())

    async with running(rig):
        await eventually("closing", lambda: _is_closed(rig), 15)

    assert await rig.subscriptions.to_close() == []


async def test_two_processes_share_and_serve_each_once(db: Database) -> None:
    shelf = Shelf()
    one, other = rig_of(db, "one", shelf), rig_of(db, "other", shelf)
    for number in range(6):
        await one.subscribe(f"psb_{number}")
    await asyncio.gather(one.feeds.present(), other.feeds.present())

    for _ in range(2):
        await one.feeder.tick()
        await other.feeder.tick()

    held = [len(await rig.feeds.renew()) for rig in (one, other)]
    assert held == [3, 3]
    await one.tell(1, 2)
    for number in range(6):
        await one.has(f"psb_{number}", 1, 2)
    for rig in (one, other):
        async with running(rig):
            pass


async def test_what_a_process_left_another_takes_over(db: Database) -> None:
    shelf = Shelf()
    one, other = rig_of(db, "one", shelf), rig_of(db, "other", shelf)
    await one.subscribe("psb_1")
    async with running(one):
        await one.tell(1)
        await one.has("psb_1", 1)
    async with running(other):
        await other.tell(2)
        await other.has("psb_1", 1, 2)
    assert (await other.feeds.positions(TOWN))["psb_1"] == 2


async def _at(rig: Rig, name: str, position: int) -> bool:
    await rig.feeder.tick()
    return (await rig.feeds.positions(TOWN))[name] == position


async def _is_closed(rig: Rig) -> bool:
    return rig.shelf.closed == ["psb_1"]

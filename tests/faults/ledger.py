"""The ledger oracle: what a client was told is done, held against every effect it must have had, exactly once."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from shared.ids import uuid7
from tests.faults.everyday import REPAS, RESTAURANT
from tests.journeys.clock import eventually
from tests.journeys.people import Family
from tests.journeys.town import Preau

CONFIRMED = "reservations.booking_confirmed.v1"
SETTLES_SECONDS = 60.0
AT_ONCE = 8
Day = tuple[str, str]
"""Child and date."""


@dataclass
class Ledger:
    """`asked`: bookings a client was told are done; `answers`: how often each status came on the way."""

    preau: Preau
    families: list[Family]
    asked: set[Day] = field(default_factory=set)
    answers: Counter[int | str] = field(default_factory=Counter)

    async def book(self, count: int, meanwhile: Callable[[], Awaitable[None]] | None = None) -> None:
        """Every family books that many days more; `meanwhile` begins once the first are booked."""
        days = await open_days(self.families[0], count, max((day for _, day in self.asked), default=""))
        before = len(self.asked)
        wishes = [(family, day) for day in days for family in self.families]
        turns, some_are_booked = asyncio.Semaphore(AT_ONCE), asyncio.Event()

        async def book_in_turn(family: Family, day: str) -> None:
            async with turns:
                await self._book(family, day)
            if len(self.asked) > before + AT_ONCE:
                some_are_booked.set()

        async with asyncio.TaskGroup() as group:
            for family, day in wishes:
                group.create_task(book_in_turn(family, day))
            if meanwhile:
                await some_are_booked.wait()
                await meanwhile()

    async def _book(self, family: Family, day: str) -> None:
        """As a client should: the same key until an answer says that it is done."""
        body, key = {"child_id": family.child.id, "activity_id": REPAS, "date": day}, uuid7()

        async def once() -> bool:
            try:
                answer = await family.ask("POST", "/bookings", body, key=key)
            except (aiohttp.ClientError, TimeoutError) as error:
                self.answers[type(error).__name__] += 1
                return False
            self.answers[answer.status] += 1
            assert answer.status in (201, 503), answer.content
            return answer.status == 201

        await eventually(f"the booking of {day}", once, SETTLES_SECONDS)
        self.asked.add((family.child.id, day))

    async def is_balanced(self, *, logged: bool = True) -> None:
        """Nothing is lost and nothing is there twice: bookings, charges, messages, and events in the replay log.

        `logged` False: a broker that starts may confirm what its work queues took before its log is up.
        """
        assert await self._booked() == Counter(self.asked)
        await eventually("every charge", self._all_are_charged, SETTLES_SECONDS)
        await eventually("every message", self._all_are_messaged, SETTLES_SECONDS)
        if logged:
            await eventually("every event in the log", self._all_are_told, SETTLES_SECONDS)

    async def _booked(self) -> Counter[Day]:
        first, last = min(day for _, day in self.asked), max(day for _, day in self.asked)
        found: Counter[Day] = Counter()
        for family in self.families:
            page = await family.get(f"/bookings?from={first}&until={last}&limit=500")
            found.update((one["child_id"], one["date"]) for one in page["items"] if one["state"] == "booked")
        return found

    async def _all_are_told(self) -> bool:
        """By id: the broker may deliver twice what is one event."""
        events = {event["id"]: event["data"] for event in self.preau.heard.of(CONFIRMED)}.values()
        told = Counter((event["child_id"], day["date"]) for event in events for day in event["days"])
        assert not told - Counter(self.asked), "told twice, or of nothing"
        return told == Counter(self.asked)

    async def _all_are_charged(self) -> bool:
        charged: Counter[Day] = Counter()
        async for sheet in self.preau.databases["billing"]["sheets"].find({}):
            for line in sheet["lines"]:
                charged[sheet["child_id"], line["date"]] += len(line["event_ids"])
        assert not charged - Counter(self.asked), "charged twice, or for nothing"
        return charged == Counter(self.asked)

    async def _all_are_messaged(self) -> bool:
        """One message for each booking."""
        households = {family.child.id: family.household_id for family in self.families}
        asked = Counter(households[child_id] for child_id, _ in self.asked)
        told: Counter[str] = Counter()
        for family in self.families:
            page = await family.get("/messages?limit=100")
            told[family.household_id] = sum(one["kind"] == "booking_confirmed" for one in page["items"])
        assert not told - asked, "told twice, or of nothing"
        return told == asked


async def open_days(family: Family, count: int, after: str = "") -> list[str]:
    """That many days on which a meal can be booked, later than `after`."""
    month, found = family.clock().date().isoformat()[:7], list[str]()
    while len(found) < count:
        view = await family.month(RESTAURANT, month)
        (row,) = [row for row in view["activities"] if row["activity_id"] == REPAS]
        found += [day["date"] for day in row["days"] if day["can_book"] and day["date"] > after]
        month = view["next"]
    return found[:count]

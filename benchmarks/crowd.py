"""Many households at the same moment: a hundred places of one day for a thousand of them, and an opening morning."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from benchmarks.load import Outcome, Shot, closed_loop
from benchmarks.system import System
from benchmarks.town import STAYS, TOWN, Child, Town
from benchmarks.town_offers import PLACES, STAYS_OFFERED

ASKING = 1_000
LINES = 3
SHARED_DAYS = 5
"""Days the carts of the opening are for: with three stays of a hundred places each, 1,500 places for 6,000 lines."""


@dataclass(frozen=True)
class HotSlot:
    outcome: Outcome
    booked: int
    places: int

    @property
    def seconds(self) -> float:
        return self.outcome.seconds

    @property
    def exact(self) -> bool:
        return self.booked == self.places == PLACES and self.outcome.statuses[201] == PLACES


@dataclass(frozen=True)
class Rush:
    """`steps`: the answers to each step of a household; `whole`: from its first step to its validated cart."""

    seconds: float
    steps: Mapping[str, Outcome]
    whole: Outcome
    asked: int
    booked: int
    oversold: int
    lost: int


async def measure_slot(system: System, town: Town, day: str) -> HotSlot:
    """A thousand households ask for the same day at once, each over its own connection."""
    activity_id = f"{TOWN}.{STAYS_OFFERED[0]}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        crowd = Town(http, town.gateway, town.signer, town.children)
        shots = [crowd.booking(child, activity_id, day) for child in town.children[:ASKING]]
        _sign_all(crowd)
        outcome = await closed_loop(iter(shots), ASKING)
    await system.quiet()
    sheets = await _booked(system, [(activity_id, day)])
    places = await system.parts.databases["reservations"]["places"].count_documents(
        {"slot": f"{activity_id}|{day}", "state": "confirmed"}
    )
    return HotSlot(outcome, sheets[activity_id, day], places)


async def measure_rush(system: System, town: Town, days: Sequence[str]) -> Rush:
    """Every household fills a cart of three lines and validates it, all from the same moment on."""
    slots = [(f"{TOWN}.{code}", day) for day in days[:SHARED_DAYS] for code in STAYS_OFFERED]
    steps = {"a line put into the cart": Outcome(), "the cart validated": Outcome()}
    whole = Outcome()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        crowd = Town(http, town.gateway, town.signer, town.children)
        _sign_all(crowd)
        visits = [_visit(crowd, child, slots, list(steps.values())) for child in crowd.children]
        started = time.perf_counter()
        whole.latencies = await asyncio.gather(*visits)
        whole.seconds = time.perf_counter() - started
    await system.quiet()
    sheets = await _booked(system, slots)
    confirmed = await _places(system, slots)
    return Rush(
        seconds=whole.seconds,
        steps=steps,
        whole=whole,
        asked=len(crowd.children) * LINES,
        booked=sheets.total(),
        oversold=sum(max(0, sheets[slot] - PLACES) for slot in slots),
        lost=sum(abs(confirmed[slot] - sheets[slot]) for slot in slots),
    )


def _sign_all(town: Town) -> None:
    """Beforehand: signing tokens is no work of the day."""
    for child in town.children:
        town.signer.header(child.parent)


async def _visit(town: Town, child: Child, slots: Sequence[tuple[str, str]], steps: Sequence[Outcome]) -> float:
    lines, validated = steps
    started = time.perf_counter()
    first = child.number % len(slots)
    for at in range(LINES):
        activity_id, day = slots[(first + at * (len(STAYS_OFFERED) + 1)) % len(slots)]
        line = {"child_id": child.child_id, "activity_id": activity_id, "date": day, "action": "book"}
        await _step(town.shot(child.parent, "POST", "/cart/lines", line), lines)
    await _step(town.shot(child.parent, "POST", "/cart/validation", {"mode": "possible"}), validated)
    return (time.perf_counter() - started) * 1000


async def _step(shot: Shot, outcome: Outcome) -> None:
    started = time.perf_counter()
    outcome.statuses[await shot()] += 1
    outcome.latencies.append((time.perf_counter() - started) * 1000)


async def _booked(system: System, slots: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """How many children have each slot booked, by their month sheets."""
    sheets = system.parts.databases["reservations"]["sheets"]
    counts = Counter[tuple[str, str]]()
    for activity_id, day in slots:
        booked = {f"days.{day}.{activity_id.partition('.')[2]}.state": "booked"}
        of_month = {"municipality_id": TOWN, "programme_id": STAYS, "month": day[:7]}
        counts[activity_id, day] = await sheets.count_documents({**of_month, **booked})
    return counts


async def _places(system: System, slots: Iterable[tuple[str, str]]) -> Counter[tuple[str, str]]:
    places = system.parts.databases["reservations"]["places"]
    found = {slot: {"slot": f"{slot[0]}|{slot[1]}", "state": "confirmed"} for slot in slots}
    return Counter({slot: await places.count_documents(match) for slot, match in found.items()})


def section(slot: HotSlot, rush: Rush) -> list[str]:
    """As docs/benchmarks.md says it."""
    return [*_of_slot(slot), *_of_rush(rush)]


def _of_slot(slot: HotSlot) -> list[str]:
    refused = sum(count for status, count in slot.outcome.statuses.items() if status == 409)
    other = len(slot.outcome.latencies) - refused - slot.outcome.statuses[201]
    return [
        f"## {ASKING:,} households for {PLACES} places",
        "",
        f"One day of one activity, everybody at the same moment, each over a connection of its own: "
        f"{slot.outcome.statuses[201]} booked at once, {refused} told that it is full, {other} answered otherwise; "
        f"then {slot.booked} booked by the month sheets and {slot.places} by the places.",
        "",
        f"- Exactly {PLACES}: **{'yes' if slot.exact else 'no'}**.",
        f"- All answered after {slot.outcome.seconds:.2f} s; p50 {slot.outcome.median:.0f} ms, "
        f"p99 **{slot.outcome.quantile(0.99):.0f} ms** (to reach: under 1,000), "
        f"last **{max(slot.outcome.latencies):.0f} ms** (under 2,000).",
        "",
    ]


def _of_rush(rush: Rush) -> list[str]:
    rows = [
        f"| {name} | {one.median:.0f} / {one.quantile(0.99):.0f} / {max(one.latencies):.0f} | {_failed(one)} |"
        for name, one in {**rush.steps, "a household's whole visit": rush.whole}.items()
    ]
    requests = sum(len(one.latencies) for one in rush.steps.values())
    return [
        "## An opening morning",
        "",
        f"{len(rush.whole.latencies):,} households at the same moment, each with {LINES} lines for few places "
        f"({SHARED_DAYS} days of {len(STAYS_OFFERED)} stays of {PLACES} places) put into its cart and validated, one "
        f"request after the other: {rush.asked:,} lines for {SHARED_DAYS * len(STAYS_OFFERED) * PLACES:,} places, "
        f"{requests:,} requests.",
        "",
        "| what | p50 / p99 / last ms | not answered 2xx or 409 |",
        "|---|---|---|",
        *rows,
        "",
        f"- All done after **{rush.seconds:.1f} s**, {requests / rush.seconds:.0f} requests a second.",
        f"- {rush.booked:,} places booked, **{rush.oversold}** oversold, **{rush.lost}** taken by nobody or counted "
        "twice (to reach: none).",
        "",
    ]


def _failed(outcome: Outcome) -> str:
    """Which other statuses came, and how often."""
    others = {status: count for status, count in sorted(outcome.statuses.items()) if status >= 300 and status != 409}
    return ", ".join(f"{count} times {status}" for status, count in others.items()) or "0"

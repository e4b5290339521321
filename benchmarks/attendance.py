"""The attendance list of a school of 300 children, as the tablets at its door ask for it."""

import itertools
from dataclasses import dataclass

from benchmarks.load import closed_loop, cpu_seconds, idle_share
from benchmarks.system import System
from benchmarks.town import AT_TILLEULS, MANAGER, REPAS, TILLEULS, TOWN, Town

TABLETS = 2
LISTS = 300
WARM_UP = 20
AT_ONCE = 16


@dataclass(frozen=True)
class Asked:
    """Milliseconds; `failed`: not answered 200."""

    p50: float
    p99: float
    cpu_ms: float
    failed: int


@dataclass(frozen=True)
class Lists:
    """`activity`: the list of lunch; `day`: every activity of the school's day in one list."""

    activity: Asked
    day: Asked
    children: int


async def measure(system: System, town: Town, day: str) -> Lists:
    """After every child of the school has booked that day."""
    of_school = town.children[:AT_TILLEULS]
    await closed_loop(iter([town.booking(child, REPAS, day) for child in of_school]), AT_ONCE)
    await system.quiet()
    at = f"municipality_id={TOWN}&site_id={TILLEULS}&date={day}"
    of_activity = f"/attendance-lists?{at}&activity_id={REPAS}"
    listed = await town.ask(MANAGER, "GET", of_activity)
    return Lists(
        activity=await _asked(system, town, of_activity),
        day=await _asked(system, town, f"/attendance-days?{at}"),
        children=sum(child["state"] == "booked" for child in listed["children"]),
    )


async def _asked(system: System, town: Town, path: str) -> Asked:
    shots = itertools.repeat(town.shot(MANAGER, "GET", path))
    await closed_loop(itertools.islice(shots, WARM_UP), TABLETS)
    servers = list(system.processes().values())
    idle = await idle_share(servers)
    before = cpu_seconds(servers)
    outcome = await closed_loop(itertools.islice(shots, LISTS), TABLETS)
    spent = cpu_seconds(servers) - before - idle * outcome.seconds
    failed = LISTS - outcome.statuses[200]
    return Asked(outcome.median, outcome.quantile(0.99), spent * 1000 / LISTS, failed)


def section(found: Lists) -> list[str]:
    """As docs/benchmarks.md says it."""
    rows = (("one activity", found.activity), ("the whole day of the school", found.day))
    return [
        "## An attendance list",
        "",
        f"{LISTS} times the list of a school with {found.children} children expected at lunch, asked for by "
        f"{TABLETS} tablets one time after the other, never answered from what a tablet has; every reading of it is "
        "noted in the trail. CPU is that of every server process, less what they use when idle.",
        "",
        "| list | p50 / p99 ms | server CPU ms each | not 200 |",
        "|---|---|---|---|",
        *(
            f"| {name} | {one.p50:.1f} / **{one.p99:.1f}** (to reach: under 50) | {one.cpu_ms:.1f} | {one.failed} |"
            for name, one in rows
        ),
        "",
    ]

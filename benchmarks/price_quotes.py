"""`python -m benchmarks.price_quotes`: what a cart of forty lines costs, asked through the gateway.

Each quote names two children on twenty days; every line is answered with its grid, its reductions and its sentences.
"""

import asyncio
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

import aiohttp

from benchmarks import families
from benchmarks.families import Town
from benchmarks.load import Outcome, Shot, closed_loop
from benchmarks.system import demonstrate, started
from deploy.local.demo.story import REPAS, TOWN

LINES = 40
WARMING = 50
SHOTS = 1_000
CLIENTS = 2
LIMIT_MS = 20


async def measure(http: aiohttp.ClientSession, town: Town) -> Outcome:
    shots = _shots(http, town)
    await closed_loop(itertools.islice(shots, WARMING), 1)
    return await closed_loop(itertools.islice(shots, SHOTS), CLIENTS)


def _shots(http: aiohttp.ClientSession, town: Town) -> Iterator[Shot]:
    siblings: defaultdict[str, list[str]] = defaultdict(list)
    for child in town.children:
        siblings[child.authorization].append(child.child_id)
    return itertools.cycle(_shot(http, town, *family) for family in siblings.items())


def _shot(http: aiohttp.ClientSession, town: Town, authorization: str, children: Sequence[str]) -> Shot:
    days = town.dates[: LINES // len(children)]
    lines = [{"child_id": child, "activity_id": REPAS, "date": day} for child in children for day in days]
    body = json.dumps({"municipality_id": TOWN, "lines": lines}).encode()
    headers = {"Authorization": authorization, "Content-Type": "application/json"}

    async def shoot() -> int:
        async with http.post(f"{town.gateway}/api/v1/price-quotes", data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    return shoot


def section(found: Outcome) -> list[str]:
    """As docs/benchmarks.md says it."""
    failed = sum(count for status, count in found.statuses.items() if status != 200)
    return [
        "",
        "## Price of a cart of 40 lines",
        "",
        f"`POST /price-quotes` for two children on twenty days, {SHOTS:,} times, {CLIENTS} clients: median "
        f"{found.median:.1f} ms, p99 **{found.quantile(0.99):.1f} ms** (limit {LIMIT_MS} ms), {failed} failed.",
    ]


async def main() -> None:
    async with started() as system, aiohttp.ClientSession() as http:
        await demonstrate(system)
        print("\n".join(section(await measure(http, await families.settle(system, http)))))


if __name__ == "__main__":
    asyncio.run(main())

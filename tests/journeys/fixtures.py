"""One Préau per module: fresh databases and queues, both sample towns open with their rules."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.invariants.holding import broken_in
from tests.journeys.clock import MovableClock
from tests.journeys.office import TownHall, open_town
from tests.journeys.sample import AURORE, DORE, Sample
from tests.journeys.town import Preau, running


@pytest.fixture(scope="module")
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
async def preau(
    mongo_url: str, module_amqp_url: str, tmp_path_factory: pytest.TempPathFactory, clock: MovableClock
) -> AsyncIterator[Preau]:
    """Held against every invariant when the module is over."""
    folder: Path = tmp_path_factory.mktemp("preau")
    async with running(mongo_url, module_amqp_url, folder, clock=clock) as started:
        yield started
        await started.quiet()
        broken = await broken_in(started)
        assert not broken, broken


@pytest.fixture(scope="module")
async def aurore(preau: Preau) -> TownHall:
    """Sainte-Aurore with all its rules and the files of a few families, none of them invited."""
    return await opened(preau, AURORE)


@pytest.fixture(scope="module")
async def dore(preau: Preau) -> TownHall:
    """Le Val-Doré, in the same way."""
    return await opened(preau, DORE)


async def opened(preau: Preau, name: str) -> TownHall:
    hall = await open_town(preau, Sample(name))
    await hall.upload_families()
    await hall.upload_rules()
    await preau.quiet()
    return hall

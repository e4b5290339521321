"""One Préau per module, with a family whose things nobody else may reach."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.fixtures import aurore, clock, dore, preau
from tests.journeys.office import TownHall
from tests.journeys.town import Preau
from tests.security.world import World, settle_in

__all__ = ["aurore", "clock", "dore", "preau"]


@pytest.fixture(scope="module")
async def world(preau: Preau, aurore: TownHall, dore: TownHall) -> AsyncIterator[World]:
    settled = await settle_in(preau, aurore, dore)
    yield settled
    # By the database's clock they were begun long ago, and nobody swept them.
    await settled.drop_drafts()

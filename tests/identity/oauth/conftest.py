"""A family with an account, a site it goes to, and its browser."""

import pytest

from tests.identity.conftest import Door
from tests.identity.oauth.browser import Browser
from tests.identity.oauth.relying import Site, registered


@pytest.fixture
async def claire(door: Door) -> dict[str, str]:
    """Request headers of Claire at the portal."""
    return await door.joined()


@pytest.fixture
async def site(door: Door) -> Site:
    return await registered(door)


@pytest.fixture
def browser(door: Door) -> Browser:
    return Browser(door.client)

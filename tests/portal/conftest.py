"""One Préau with its portal, and one browser, per worker."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from uuid import uuid4

import pytest
from playwright.async_api import Browser, async_playwright

from tests.backends import RabbitBackend
from tests.journeys.clock import MovableClock
from tests.journeys.people import Family
from tests.portal.site import Site, open_site
from tests.portal.visiting import CHROMIUM, DESK, PHONE, Visitor, visiting

Visiting = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest.fixture(scope="session")
async def site(
    mongo_url: str, broker_backend: RabbitBackend, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    name = f"test-{uuid4().hex}"
    amqp_url = broker_backend.new_vhost(name)
    async with open_site(mongo_url, amqp_url, tmp_path_factory.mktemp("site"), MovableClock()) as opened:
        yield opened
    broker_backend.drop_vhost(name)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        args = ["--no-sandbox", "--lang=fr-FR", "--disable-gpu"]
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield chromium
        await chromium.close()


@pytest.fixture
async def family(site: Site) -> Family:
    """A family of Sainte-Aurore nobody else uses."""
    return await site.family()


@pytest.fixture
def visits(browser: Browser, site: Site) -> Visiting:
    """More visitors: `async with visits(as_person=family, **PHONE) as parent:`."""
    return partial(visiting, browser, site)


@pytest.fixture
async def parent(visits: Visiting, family: Family) -> AsyncIterator[Visitor]:
    """That family's parent, signed in on a phone."""
    async with visits(as_person=family, **PHONE) as visitor:
        yield visitor


@pytest.fixture
async def phone(visits: Visiting) -> AsyncIterator[Visitor]:
    """Somebody on a phone whom the portal does not know."""
    async with visits(**PHONE) as visitor:
        yield visitor


@pytest.fixture
async def desk(visits: Visiting) -> AsyncIterator[Visitor]:
    """Somebody at a desk whom the portal does not know."""
    async with visits(**DESK) as visitor:
        yield visitor

"""The sandbox on free ports of the loopback."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from deploy.sandbox.app import Addresses, running
from deploy.sandbox.settings import Settings
from tests.sandbox.doubles import FakeMerchant, MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
async def sandbox(clock: MovableClock) -> AsyncIterator[Addresses]:
    async with running(Settings(mail_port=0, smtp_port=0, payment_port=0, franceconnect_port=0), clock) as addresses:
        yield addresses


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def merchant() -> AsyncIterator[FakeMerchant]:
    merchant = FakeMerchant()
    app = web.Application()
    app.add_routes([web.post("/notify", merchant.take_notification), web.get("/back", merchant.take_return)])
    async with TestServer(app) as server:
        merchant.url = str(server.make_url("")).rstrip("/")
        yield merchant

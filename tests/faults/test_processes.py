"""Real processes, ended and killed while families book: what was acknowledged is done, and done once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.clock import system_clock
from tests.faults.everyday import Everyday
from tests.faults.ledger import Ledger
from tests.invariants.holding import all_hold_again
from tests.journeys.office import open_town
from tests.journeys.people import PROBLEM
from tests.journeys.town import Preau, running

APART = ("reservations", "billing", "gateway")
FAMILIES = ("F0001", "F0002", "F0003", "F0004", "F0005", "F0006")
DAYS = 8


@pytest.fixture(scope="module")
async def preau(mongo_url: str, module_amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Preau]:
    """Held against every invariant when the module is over."""
    folder = tmp_path_factory.mktemp("preau")
    async with running(mongo_url, module_amqp_url, folder, clock=system_clock, apart=APART) as started:
        yield started
        await all_hold_again(started)


@pytest.fixture(scope="module")
async def ledger(preau: Preau) -> Ledger:
    hall = await open_town(preau, Everyday(families=FAMILIES))
    await hall.upload_families()
    await hall.upload_rules()
    return Ledger(preau, await asyncio.gather(*(hall.welcome(reference) for reference in FAMILIES)))


async def test_a_service_asked_to_end_under_load_loses_no_booking(preau: Preau, ledger: Ledger) -> None:
    async def end_and_start() -> None:
        assert await preau.stop("reservations") == 0
        await preau.start("reservations")

    await ledger.book(DAYS, end_and_start)

    await ledger.is_balanced()


async def test_a_service_killed_between_two_bursts_and_within_one_loses_no_booking(
    preau: Preau, ledger: Ledger
) -> None:
    async def kill_and_start() -> None:
        await preau.kill("reservations")
        await preau.start("reservations")

    await ledger.book(2)
    await kill_and_start()
    await ledger.book(DAYS, kill_and_start)

    await ledger.is_balanced()


async def test_whoever_only_listens_may_be_killed_without_a_family_noticing(preau: Preau, ledger: Ledger) -> None:
    async def kill_and_start() -> None:
        await preau.kill("billing")
        await preau.start("billing")

    before = ledger.answers.copy()
    await ledger.book(DAYS, kill_and_start)

    assert set(ledger.answers - before) == {201}
    await ledger.is_balanced()


async def test_a_gateway_asked_to_end_answers_what_it_took(preau: Preau, ledger: Ledger) -> None:
    async def end_and_start() -> None:
        assert await preau.stop("gateway") == 0
        await preau.start("gateway")

    await ledger.book(DAYS, end_and_start)

    await ledger.is_balanced()


async def test_a_service_that_is_down_is_said_to_be_and_the_others_answer(preau: Preau, ledger: Ledger) -> None:
    family = ledger.families[0]
    paths = {"reservations": "/children", "billing": "/invoices"}
    for down, up in (("reservations", "billing"), ("billing", "reservations")):
        await preau.kill(down)

        refused = await family.ask("GET", paths[down])
        answered = await family.ask("GET", paths[up])

        assert (refused.status, refused.json["type"]) == (503, "/problems/unavailable")
        assert refused.headers["Content-Type"].startswith(PROBLEM)
        assert int(refused.headers["Retry-After"]) <= 5
        assert answered.status == 200
        await preau.start(down)
        assert (await family.ask("GET", paths[down])).status == 200

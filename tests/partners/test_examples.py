"""The examples partners start from, run as programs beside the real thing: a queue on the broker, signed calls."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from deploy.local import ports
from services.partners.domain.facts import Fact, Outgoing
from services.partners.domain.minimising import outgoing
from services.partners.domain.recording import entries_of
from services.partners.domain.synthetic.story import STEPS, happening
from services.partners.domain.webhooks.deliveries import State
from services.partners.domain.webhooks.history import Wanted
from shared.messaging.envelope import pack
from shared.mongo import Database
from tests.partners.doors import OpenDoor
from tests.partners.programs import EXAMPLES, Program, running
from tests.partners.webhook_rig import Rig, event, rig

TOWN = "bac-a-sable"
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
async def webhooks(db: Database) -> AsyncIterator[Rig]:
    async with rig(db, "http://127.0.0.1:9/") as made:
        # A receiver refuses what is not fresh.
        made.clock.now = datetime.now(UTC)
        yield made


async def point_to(webhooks: Rig, program: Program) -> None:
    said = await program.line()
    assert webhooks.subscription
    webhooks.subscription = replace(webhooks.subscription, url=said.removeprefix("listening on "))


async def test_the_receiver_takes_what_is_signed_and_keeps_each_event_once(webhooks: Rig, tmp_path: Path) -> None:
    secret = await webhooks.open()
    kept = tmp_path / "events.jsonl"
    story = [one for one in told("kitchen") if one]
    async with running("webhook_receiver.py", "0", str(kept), PREAU_WEBHOOK_SECRET=secret) as program:
        await point_to(webhooks, program)
        await webhooks.queued(*story)
        await webhooks.send()
        await webhooks.log.queue_again("psb_1", "sainte-aurore", Wanted(), webhooks.clock())
        await webhooks.send()

    assert {one.state for one in await webhooks.all()} == {State.DELIVERED}
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert sorted(line["id"] for line in lines) == sorted(one.id for one in story)


async def test_the_receiver_refuses_another_secret_an_old_message_and_no_event(webhooks: Rig, tmp_path: Path) -> None:
    await webhooks.open()
    other = f"whsec_{'A' * 43}="
    kept = tmp_path / "events.jsonl"
    async with running("webhook_receiver.py", "0", str(kept), PREAU_WEBHOOK_SECRET=other) as program:
        await point_to(webhooks, program)
        await webhooks.queued(event(1))
        await webhooks.send()
        assert webhooks.subscription
        async with aiohttp.ClientSession() as http, http.post(webhooks.subscription.url, data=b"{}") as answer:
            unsigned = answer.status

    [delivery] = await webhooks.all()
    assert delivery.attempts[0].status == 401
    assert unsigned == 401
    assert not kept.exists()


async def test_the_receiver_refuses_a_message_of_an_hour_ago(webhooks: Rig, tmp_path: Path) -> None:
    secret = await webhooks.open()
    webhooks.clock.forward(-timedelta(hours=1))
    async with running("webhook_receiver.py", "0", str(tmp_path / "e"), PREAU_WEBHOOK_SECRET=secret) as program:
        await point_to(webhooks, program)
        await webhooks.queued(event(1))
        await webhooks.send()

    [delivery] = await webhooks.all()
    assert delivery.attempts[0].status == 401


async def test_during_a_change_the_receiver_knows_either_secret(webhooks: Rig, tmp_path: Path) -> None:
    former = await webhooks.open()
    assert webhooks.subscription
    fresh = (await webhooks.target.renew(webhooks.subscription, timedelta(0)))["secret"]
    both = f"{former} {fresh}"
    async with running("webhook_receiver.py", "0", str(tmp_path / "e"), PREAU_WEBHOOK_SECRET=both) as program:
        await point_to(webhooks, program)
        await webhooks.queued(next(one for one in told("kitchen") if one))
        await webhooks.send()

    assert [one.state for one in await webhooks.all()] == [State.DELIVERED]


async def test_the_display_shows_heads_and_what_changes_and_remembers(open_door: OpenDoor, tmp_path: Path) -> None:
    target = open_door.target()
    own = open_door.subscription()
    board = tmp_path / "board.json"
    meals = [one for one in told("kitchen") if one and "meal_order" in one.type]
    async with target.running(None):  # type: ignore[arg-type]  # it needs no application
        handed = dict(await target.open(own))
        handed["address"] = f"amqp://{ports.LOOPBACK}:{open_door.port}/{open_door.vhost}"
        async with running("kitchen_display.py", str(board), PREAU_AMQP=json.dumps(handed)) as program:
            assert await program.line() == "listening"
            await target.deliver(own, meals[:1])
            frozen = await program.line()
            lines = [await program.line() for _ in range(6)]
            # The same again is nothing new; the next change is.
            await target.deliver(own, meals)
            amended = await program.line()

    total = sum(int(line.split()[0]) for line in lines)
    assert frozen == f"--- {meals[0].subject}: {total} meals"
    assert amended == f"--- {meals[0].subject}: {total - 1} meals"
    assert json.loads(board.read_text())["positions"] == {meals[0].subject: meals[1].position}


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_an_example_is_short_enough_to_be_read(example: str) -> None:
    assert len((EXAMPLES / example).read_text().splitlines()) <= 120


def told(profile: str) -> Iterator[Outgoing | None]:
    """A chapter of the sandbox town's story, as the profile is told it."""
    for number in range(len(STEPS)):
        one = happening(TOWN, number, FRIDAY.date())
        [packed] = pack([one.event], subject=one.subject, sequence=one.sequence, municipality_id=TOWN, at=FRIDAY)
        [entry] = entries_of(json.loads(packed["body"]))
        yield outgoing(Fact(**vars(entry), position=number + 1), profile, "https://preau.example")

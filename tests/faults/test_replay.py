"""Everything told is told again, in any order: the same state, nothing told anew, no mail sent twice."""

import random

import pytest
from aio_pika import DeliveryMode, Message

from shared.messaging.topology import EVENTS, PROFILES
from tests.faults.posting import publish
from tests.journeys.clock import MovableClock, eventually
from tests.journeys.office import TownHall
from tests.journeys.story import live_through
from tests.journeys.town import Preau
from tests.security.untouched import contents

SHUFFLES = 3
TOPICS = 20


@pytest.fixture(scope="module")
async def lived(preau: Preau, aurore: TownHall, clock: MovableClock) -> None:
    await live_through(preau, aurore, clock)


def copies(preau: Preau) -> list[tuple[str, str, Message]]:
    """Everything that was told so far, as it was told."""
    told = zip(preau.heard.all, preau.heard.raw, strict=True)
    return [
        (
            EVENTS if message.exchange == EVENTS else PROFILES,
            envelope["type"],
            Message(
                message.body,
                message_id=message.message_id,
                content_type=message.content_type,
                delivery_mode=DeliveryMode.PERSISTENT,
            ),
        )
        for envelope, message in told
    ]


async def mails_sent(preau: Preau) -> int:
    return len(await preau.mails("", wait=False))


@pytest.mark.usefixtures("lived")
async def test_everything_delivered_again_in_any_order_changes_nothing(preau: Preau) -> None:
    told, before, mails = copies(preau), await contents(preau), await mails_sent(preau)
    assert len({topic for _, topic, _ in told}) >= TOPICS
    sent = preau.work.sent()

    for seed in range(SHUFFLES):
        again = list(told)
        random.Random(seed).shuffle(again)
        await publish(preau, again)
        await has_heard(preau, len(told) * (seed + 2))
        await preau.quiet()
        assert await contents(preau) == before, seed

    assert preau.work.sent() == sent
    assert await mails_sent(preau) == mails
    assert not any([await preau.waiting(f"{service}.events.parking") for service in preau.databases])


async def has_heard(preau: Preau, count: int) -> None:
    async def look() -> bool:
        return len(preau.heard.all) >= count

    await eventually("the copies", look)

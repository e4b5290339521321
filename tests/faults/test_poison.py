"""What is no message is set aside, with the reason; what comes before and after it is not held up."""

from typing import Any

import aio_pika
import pytest
from aio_pika import Message

from shared.messaging.topology import EVENTS
from tests.faults.posting import publish
from tests.journeys.clock import eventually
from tests.journeys.office import TownHall
from tests.journeys.people import Family
from tests.journeys.town import Preau
from tests.security.untouched import contents

REPAS = "sainte-aurore.repas"
CONFIRMED = "reservations.booking_confirmed.v1"
QUEUES = ("billing.events", "notifications.events")


@pytest.fixture(scope="module")
async def nadia(aurore: TownHall) -> Family:
    return await aurore.welcome("F0002")


def spoilt() -> dict[str, bytes]:
    head = b'{"specversion":"1.0","id":"evt-x","subject":"sht_x","sequence":1,"municipality":"sainte-aurore"'
    return {
        "nothing": b"",
        "no JSON": b"not json",
        "not UTF-8": b"\xff\xfe\x00",
        "a list": b"[]",
        "no envelope": b'{"data": {}}',
        "no data": head + b',"time":"2025-11-20T08:00:00+00:00"}',
        "other data": head + b',"time":"2025-11-20T08:00:00+00:00","data":{"surprise":1}}',
        "no time": head + b',"time":"yesterday","data":{}}',
        "no number": head.replace(b'"sequence":1', b'"sequence":"one"') + b',"time":"2025-11-20T08:00:00Z","data":{}}',
        "too deep": b"[" * 20_000,
    }


async def test_what_is_no_message_is_set_aside_and_the_rest_goes_on(preau: Preau, nadia: Family) -> None:
    before = await contents(preau)
    messages = [(EVENTS, CONFIRMED, Message(body, message_id=what)) for what, body in spoilt().items()]

    await publish(preau, messages)

    for queue in QUEUES:
        await are_parked(preau, queue, len(messages))
    assert await contents(preau) == before
    done = await nadia.book(REPAS, "2026-01-12")
    assert done["lines"][0]["outcome"] == "confirmed"
    await preau.heard.until(CONFIRMED, household_id=nadia.household_id)
    await eventually("the message", lambda: _is_told(nadia))
    reasons = [await taken_out(preau, queue) for queue in QUEUES]
    assert all(len(found) == len(messages) and all(found.values()) for found in reasons)


async def are_parked(preau: Preau, queue: str, count: int) -> None:
    async def look() -> bool:
        return await preau.waiting(f"{queue}.parking") == count

    await eventually("the spoilt ones", look)


async def _is_told(family: Family) -> bool:
    return any(one["kind"] == "booking_confirmed" for one in (await family.get("/messages"))["items"])


async def taken_out(preau: Preau, queue: str) -> dict[str, Any]:
    """Why each message was set aside; an operator took them out."""
    reasons: dict[str, Any] = {}
    async with await aio_pika.connect(preau.amqp_url) as connection:
        channel = await connection.channel()
        parking = await channel.get_queue(f"{queue}.parking")
        while message := await parking.get(fail=False):
            reasons[str(message.message_id)] = message.headers.get("x-reason")
            await message.ack()
    return reasons

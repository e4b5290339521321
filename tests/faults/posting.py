"""Messages sent past the services, as an operator who replays the log, or a program gone wrong, would."""

import aio_pika
from aio_pika import Message

from shared.messaging.topology import EVENTS, PROFILES
from tests.journeys.town import Preau


async def publish(preau: Preau, messages: list[tuple[str, str, Message]]) -> None:
    """Exchange, topic and message, in this order."""
    async with await aio_pika.connect(preau.amqp_url) as connection:
        channel = await connection.channel()
        exchanges = {name: await channel.get_exchange(name) for name in (EVENTS, PROFILES)}
        for exchange, topic, message in messages:
            await exchanges[exchange].publish(message, topic)

"""The partners' virtual host, and a partner who comes to it."""

from dataclasses import dataclass, field
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractConnection

from deploy.local import ports, rabbit
from services.partners.app.amqp import AmqpTarget
from services.partners.app.door import Door
from services.partners.domain.subscriptions import Subscription
from tests.partners.samples import subscription


@dataclass(kw_only=True)
class OpenDoor:
    door: Door
    amqp_url: str
    api_url: str
    port: int
    vhost: str
    let_in: list[str] = field(default_factory=list)
    """Users are the broker's, not the virtual host's: they go by name."""

    def target(self, length: int = 700) -> AmqpTarget:
        return AmqpTarget(self.door, url=self.amqp_url, address=f"amqp://door/{self.vhost}", queue_length=length)

    def subscription(self) -> Subscription:
        made = subscription(id=f"psb_{uuid4().hex}")
        self.let_in.append(made.id)
        return made

    async def come(self, user: str, password: str, vhost: str = "") -> AbstractConnection:
        """As the partner does, with its own connection."""
        return await aio_pika.connect(rabbit.url(ports.LOOPBACK, self.port, user, password, vhost or self.vhost))

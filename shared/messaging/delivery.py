"""What a queue delivered: a message, and the events in it, each of which is done, retried or parked by itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging.envelope import BATCH_TYPE, CONTENT_TYPE, events_in


@dataclass(frozen=True)
class Piece:
    """One event of a message, parsed; or a whole message that could not be."""

    incoming: AbstractIncomingMessage
    event: Any = None
    batched: bool = False

    @property
    def topic(self) -> str:
        """The routing key the message was first published with: a retry tier changes the current one."""
        return str(self.incoming.headers.get("x-topic") or self.incoming.routing_key)

    @property
    def attempt(self) -> int:
        """How often it was retried."""
        return int(str(self.incoming.headers.get("x-attempt", 0)))

    def copy(self, headers: Mapping[str, Any]) -> Message:
        """A message with this event alone, as it came; with more headers."""
        incoming = self.incoming
        kept = {key: value for key, value in incoming.headers.items() if not key.startswith(("x-death", "x-delivery"))}
        return Message(
            json.dumps(self.event, ensure_ascii=False).encode() if self.batched else incoming.body,
            message_id=_id_of(self.event) if self.batched else incoming.message_id,
            content_type=CONTENT_TYPE if self.batched else incoming.content_type,
            delivery_mode=incoming.delivery_mode,
            headers={**kept, "x-topic": self.topic, **headers},
        )


def pieces_of(incoming: AbstractIncomingMessage) -> list[Piece]:
    """Raises `Malformed`."""
    batched = incoming.content_type == BATCH_TYPE
    return [Piece(incoming, event, batched) for event in events_in(incoming.body, incoming.content_type)]


def deliveries_before(incoming: AbstractIncomingMessage) -> int:
    """How often a consumer has had it and did not end well."""
    return int(str(incoming.headers.get("x-delivery-count", 0)))


def _id_of(event: Any) -> str | None:
    return str(event["id"]) if isinstance(event, dict) and "id" in event else None

"""The documents of what was told: one per event, channel and recipient, so that an event delivered twice tells once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.notifications.domain.copies import Recipient
from shared.contracts import Event, Told

Channel = Literal["app", "mail"]
# A town's server that is down comes back within minutes, a full mailbox within days: never give up, but rarely ask.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message in a household's space. `told_at`: when the event happened, aware UTC."""

    id: str
    caused_by: str
    household_id: str
    municipality_id: str
    event: Event
    told_at: datetime


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail to write and send. `attempts` counts those begun; `household_id` is empty for invitations."""

    id: str
    caused_by: str
    household_id: str
    municipality_id: str
    recipient: Recipient
    event: Event
    told_at: datetime
    attempts: int = 0


def natural_key(caused_by: str, channel: Channel, recipient_id: str) -> str:
    """The id of the message: the same event never makes a second one for the same recipient and channel."""
    return f"msg_{caused_by}.{channel}.{recipient_id}"


def message_for(told: Told[Event], household_id: str) -> Message:
    return Message(
        id=natural_key(told.id, "app", household_id),
        caused_by=told.id,
        household_id=household_id,
        municipality_id=told.municipality_id,
        event=told.event,
        told_at=told.time,
    )


def mail_for(told: Told[Event], recipient: Recipient, *, household_id: str = "") -> Mail:
    return Mail(
        id=natural_key(told.id, "mail", recipient.id),
        caused_by=told.id,
        household_id=household_id,
        municipality_id=told.municipality_id,
        recipient=recipient,
        event=told.event,
        told_at=told.time,
    )


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits after its n-th failed attempt (from 1): a minute at first, then 12 hours for ever."""
    return BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1]

"""The documents of what was told: one per event, channel and recipient, so that an event delivered twice tells once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from services.notifications.domain.copies import Names, Recipient
from services.notifications.domain.quiet import QuietHours
from shared.contracts import Event, Told

Channel = Literal["app", "mail", "push", "sms"]
# The three that are handed to somebody else to carry.
CARRIED: tuple[Channel, ...] = ("mail", "push", "sms")
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
    """A message in a household's space. `told_at`: when the event happened, aware UTC.

    `read_by`, `archived_by`: persons; `countable`: told since there are read marks, so that it may count as unread.
    """

    id: str
    caused_by: str
    household_id: str
    municipality_id: str
    event: Event
    told_at: datetime
    read_by: frozenset[str] = frozenset()
    archived_by: frozenset[str] = frozenset()
    countable: bool = True

    def is_read_by(self, person_id: str) -> bool:
        return not self.countable or person_id in self.read_by


@dataclass(frozen=True, kw_only=True)
class View:
    """One person's look at the household's space. `hidden`: contracts' topics they turned the inbox off for."""

    person_id: str
    hidden: frozenset[str] = frozenset()
    unread: bool = False
    archived: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail to write and send; or, by its `channel`, a push to a device or an SMS.

    `attempts` counts those begun; `household_id` is empty for invitations. `due_at`: not before, None for at once.
    `digest_id`: the daily digest it is part of. `quiet`: of the reader, so that no later try breaks them; `time_zone`:
    whose hours these are. `names`: how the ids of the event are called, for a mail made from the words of the inbox.
    """

    id: str
    caused_by: str
    household_id: str
    municipality_id: str
    recipient: Recipient
    event: Event
    told_at: datetime
    attempts: int = 0
    channel: Channel = "mail"
    due_at: datetime | None = None
    digest_id: str = ""
    quiet: QuietHours | None = None
    time_zone: str = "Europe/Paris"
    names: Names = field(default_factory=Names)
    headers: Mapping[str, str] = field(default_factory=dict)
    unsubscribe_url: str = ""


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


def mail_for(told: Told[Event], recipient: Recipient, *, household_id: str = "", channel: Channel = "mail") -> Mail:
    return Mail(
        id=natural_key(told.id, channel, recipient.id),
        caused_by=told.id,
        household_id=household_id,
        municipality_id=told.municipality_id,
        recipient=recipient,
        event=told.event,
        told_at=told.time,
        channel=channel,
    )


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits after its n-th failed attempt (from 1): a minute at first, then 12 hours for ever."""
    return BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1]

"""An event as the log keeps it, and as it goes out to one partner."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Fact:
    """`position` counts the events of the town, without a gap; `body` is the whole envelope, as JSON."""

    id: str
    municipality_id: str
    position: int
    type: str
    subject: str
    time: datetime
    body: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """What a partner is sent of a fact: `body` is a CloudEvent with the fields of the partner's profile only."""

    id: str
    type: str
    subject: str
    position: int
    body: bytes = field(repr=False)

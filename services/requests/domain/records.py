"""What a request is made of beside its answers: documents, steps, messages, notes, who has it in hand."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from services.requests.domain.files import Kind

State = Literal["draft", "filed", "in_progress", "waiting_for_family", "accepted", "refused", "withdrawn"]
STATES: tuple[State, ...] = (
    "draft",
    "filed",
    "in_progress",
    "waiting_for_family",
    "accepted",
    "refused",
    "withdrawn",
)
RUNNING: frozenset[State] = frozenset({"filed", "in_progress", "waiting_for_family"})
"""The town owes an answer."""
Who = Literal["guardian", "agent", "town"]
"""`town`: by itself, nobody in particular."""
What = Literal[
    "",
    "begun",
    "filed",
    "acknowledged",
    "taken",
    "step",
    "asked",
    "completed",
    "accepted",
    "refused",
    "withdrawn",
    "reopened",
]


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A document. `file_id` is random and known to nobody outside."""

    file_id: str
    kind: Kind
    bytes: int
    added_at: datetime


@dataclass(frozen=True, kw_only=True)
class Sending:
    """The Idempotency-Key something was sent with, and the fingerprint of what was sent."""

    key: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A step of the history, and the state it led to. `account_id` is kept for the record and shown to no family.

    `what` is empty in requests of before it was noted: the state then says it. `version`: of the request after it.
    """

    who: Who
    at: datetime
    state: State
    account_id: str
    message: str = ""
    what: What = ""
    version: int = 0
    due_on: date | None = None
    """Until when the town means to answer, as it was said then."""
    step: str = ""
    sent: Sending | None = None

    @property
    def happened(self) -> str:
        """`what`, of every entry there is."""
        return self.what or {"draft": "begun"}.get(self.state, self.state)


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a family and the town's agents write each other about a request; plain text as it was typed."""

    id: str
    who: Literal["guardian", "agent"]
    account_id: str
    at: datetime
    text: str
    sent: Sending
    version: int
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """What agents tell each other; no page shows it to a family (what is held of it they are told when they ask)."""

    id: str
    account_id: str
    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class Assignee:
    """The agent who has the request in hand. `label`: how colleagues call them, shown to agents only."""

    account_id: str
    label: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What the town asked the family for, and how far its own time had run: it stands still meanwhile.

    `days_left`: working days to the date it had promised; None where it promised none.
    """

    at: datetime
    message: str
    fields: tuple[str, ...] = field(default_factory=tuple)
    slots: tuple[str, ...] = field(default_factory=tuple)
    days_left: int | None = None
    reminders: int = 0

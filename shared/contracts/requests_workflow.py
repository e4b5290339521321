"""What requests tells between filing and answer, and after it: who has it, what is asked and written, what ends it."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange


class RequestAssigned(Event):
    """An agent has a request in hand, or (None) nobody any more. Subject: the request."""

    topic: ClassVar[str] = "requests.request_assigned.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    account_id: str | None = None


class MoreAsked(Event):
    """The town asked a family for more before it decides. Subject: the request."""

    topic: ClassVar[str] = "requests.more_asked.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    fields: tuple[str, ...] = ()
    """Names of the form's fields to answer anew, codes of the town's own."""
    slots: tuple[str, ...] = ()
    """Documents to send anew, likewise."""


class RequestCompleted(Event):
    """The family sent what it was asked for: the request is the town's again. Subject: the request."""

    topic: ClassVar[str] = "requests.request_completed.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str


class RequestWithdrawn(Event):
    """The family gave a request up before it was answered. Subject: the request."""

    topic: ClassVar[str] = "requests.request_withdrawn.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    concerns: str = ""
    """What another service had it opened for, by its id."""


class RequestReopened(Event):
    """The town takes a request up again. Subject: the request.

    What an acceptance before did elsewhere stands until the next decision, which `request_answered` tells with a
    higher `decision_number`.
    """

    topic: ClassVar[str] = "requests.request_reopened.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    was: Literal["accepted", "refused", "withdrawn"]
    decisions: int
    """How many there were."""


class RequestOverdue(Event):
    """The day until which the town meant to answer is over; told once for each such day. Subject: the request."""

    topic: ClassVar[str] = "requests.request_overdue.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    due_on: date
    account_id: str | None = None
    """The agent who has it in hand, if any."""


class MessageSent(Event):
    """A family or the town wrote about a request; not what. Subject: the request."""

    topic: ClassVar[str] = "requests.message_sent.v1"

    request_id: str
    household_id: str
    municipality_id: str
    message_id: str
    by: Literal["guardian", "agent"]


class AcknowledgementWritten(Event):
    """A request arrived, as the family is told. Subject: the request."""

    topic: ClassVar[str] = "requests.acknowledgement_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    category_name: str
    filed_at: AwareDatetime
    due_on: date | None = None
    """Until when the town means to answer; None where it promises nothing."""


class AskingWritten(Event):
    """What a family is asked for, in words. Subject: the request."""

    topic: ClassVar[str] = "requests.asking_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    category_name: str
    message: str
    wanted: tuple[str, ...] = ()
    """Titles of the fields and documents."""


class ReopeningWritten(Event):
    """Why the town takes a request up again, in words. Subject: the request."""

    topic: ClassVar[str] = "requests.reopening_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    category_name: str
    message: str


class MessageWritten(Event):
    """What the town wrote to a family about a request. Subject: the request."""

    topic: ClassVar[str] = "requests.message_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    message_id: str
    category_name: str
    message: str
    attachments: int = 0
    """Documents that go with it, to be fetched with the request."""

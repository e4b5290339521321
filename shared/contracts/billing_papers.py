"""What billing tells of its papers: a family contests a line of an invoice."""

from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange


class LineContested(Event):
    """A family contests a line of a piece; `line`: its place on it, from 1. Subject: the contestation."""

    topic: ClassVar[str] = "billing.line_contested.v1"

    contestation_id: str
    invoice_id: str
    number: str
    line: int
    household_id: str
    municipality_id: str
    cash_office_id: str


class ContestationWritten(Event):
    """The same with what people read: the family's words, and the line's trail. Subject: the contestation.

    `account_id`: who contests. `trail`: in French, one fact per line.
    """

    topic: ClassVar[str] = "billing.contestation_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    contestation_id: str
    household_id: str
    municipality_id: str
    account_id: str
    child_id: str | None = None
    invoice_number: str
    line: int
    words: str
    trail: str
    at: AwareDatetime

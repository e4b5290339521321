"""What requests tells: what families file and what the town answers."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts import Event, Exchange

Decision = Literal["accepted", "refused"]
Effect = Literal["", "absence_proof", "enrolment"]
ProofKind = Literal["caf", "msa", "tax_notice", "other"]


class RequestFiled(Event):
    """A family filed a request with all it needs. Subject: the request."""

    topic: ClassVar[str] = "requests.request_filed.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    concerns: str = ""
    """What another service had it opened for, by its id; empty for a request a family began."""


class RequestAnswered(Event):
    """The town decided. Subject: the request.

    `effect`: what an accepted request of its category does elsewhere; what follows is empty without one.
    """

    topic: ClassVar[str] = "requests.request_answered.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    decision: Decision
    effect: Effect = ""
    child_ids: tuple[str, ...] = ()
    starts: date | None = None
    """First day of the absence, or of the enrolment."""
    ends: date | None = None
    """Last day, included; None for an enrolment whose end the town did not say."""
    facts: dict[str, str] = Field(default_factory=dict)
    """Codes of the town's own, never a family's words. Of an enrolment `programme` and `site` (ids), `group` and
    `category` where they are said; of an absence `late_proof`: `accepted` when the agent lets a late proof count."""
    filed_at: AwareDatetime | None = None
    """When the family had sent what proves it."""
    concerns: str = ""
    """What another service had it opened for, by its id; empty for a request a family began."""
    decision_number: int = 1
    """Above 1 when the town reopened the request: this decision stands in place of the one before."""


class QuotientAccepted(Event):
    """The town read a quotient off the proof a family sent. Subject: the request.

    `value` in euros with at most two decimals, as text; `received_on`: when the proof came, in the town.
    """

    topic: ClassVar[str] = "requests.quotient_accepted.v1"
    # What a family earns stays between services.
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    value: str
    proof: ProofKind
    received_on: date


class AnswerWritten(Event):
    """The answer's words, to be sent to the family. Subject: the request."""

    topic: ClassVar[str] = "requests.answer_written.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    category_name: str
    decision: Decision
    message: str

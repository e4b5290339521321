"""What requests tells: what families file and what the town answers."""

from typing import ClassVar, Literal

from shared.contracts import Event, Exchange

Decision = Literal["accepted", "refused"]


class RequestFiled(Event):
    """A family filed a request with all it needs. Subject: the request."""

    topic: ClassVar[str] = "requests.request_filed.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str


class RequestAnswered(Event):
    """The town decided. Subject: the request."""

    topic: ClassVar[str] = "requests.request_answered.v1"

    request_id: str
    household_id: str
    municipality_id: str
    category_id: str
    decision: Decision


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

"""What requests tells of families that were asked for something and have not sent it yet."""

from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange


class FamilyStillAwaited(Event):
    """A request still waits for what the town asked the family for. Subject: the request.

    `step` counts the reminders of this asking from 1; `asked_at`: when the town asked.
    """

    topic: ClassVar[str] = "requests.family_still_awaited.v1"
    exchange: ClassVar[Exchange] = "profiles"

    request_id: str
    household_id: str
    municipality_id: str
    category_name: str
    asked_at: AwareDatetime
    step: int

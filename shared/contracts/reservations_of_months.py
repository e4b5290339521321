"""What reservations tells of months that were closed and are opened again for corrections."""

from typing import ClassVar

from shared.contracts import Event


class MonthReopened(Event):
    """A programme's month that was closed can be corrected again, until another closing tells its sheets anew.

    `closing_id`: the closing it takes back. Subject: that closing.
    """

    topic: ClassVar[str] = "reservations.month_reopened.v1"

    closing_id: str
    municipality_id: str
    programme_id: str
    month: str

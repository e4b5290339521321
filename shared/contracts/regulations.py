"""What reservations tells of the rules of a programme."""

from datetime import date
from typing import ClassVar

from shared.contracts import Event


class RegulationPublished(Event):
    """A version of a programme's regulation holds for days from `valid_from` on, for all days without one.

    Its rules are read at `/api/v1/regulations/{regulation_id}`. Subject: the regulation.
    """

    topic: ClassVar[str] = "reservations.regulation_published.v1"

    municipality_id: str
    programme_id: str
    regulation_id: str
    version: int
    valid_from: date | None = None

"""From when a quotient counts that reaches the town: never for days that are past."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Applies = Literal["month_after", "on_receipt"]


@dataclass(frozen=True, kw_only=True)
class QuotientSettings:
    """A town's own. `siret`: under which it asks the national service; None where it does not ask it."""

    id: str
    """The municipality's."""
    applies: Applies = "month_after"
    siret: str | None = None
    version: int = 0


def counts_from(settings: QuotientSettings, received_on: date, today: date) -> date:
    """The first day a quotient counts: the month after it was received, or that day; today at the earliest."""
    first = received_on if settings.applies == "on_receipt" else _month_after(received_on)
    return max(first, today)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)

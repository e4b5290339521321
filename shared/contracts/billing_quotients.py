"""What billing tells of quotients: a family without one is invited, a changed one is shown with what it changes.

Both tell something of a family's income: they stay between services.
"""

from datetime import date
from typing import ClassVar

from shared.contracts import Event, Exchange, Part


class QuotientInvited(Event):
    """A household pays the highest prices because the town does not know its quotient. Subject: household and town.

    Once in a school year (`2026-2027`). `up_to_cents`: what it could have paid less last month at most, with the days
    it had; 0 where it had none.
    """

    topic: ClassVar[str] = "billing.quotient_invited.v1"
    exchange: ClassVar[Exchange] = "profiles"

    household_id: str
    municipality_id: str
    school_year: str
    up_to_cents: int


class ChangedPrice(Part):
    activity_id: str
    before_cents: int
    after_cents: int


class QuotientRefreshed(Event):
    """The national service told another quotient than the one known. Subject: household and town.

    `before` is None where none was known; values in euros as text. `prices`: those of one unit that change with it.
    """

    topic: ClassVar[str] = "billing.quotient_refreshed.v1"
    exchange: ClassVar[Exchange] = "profiles"

    household_id: str
    municipality_id: str
    before: str | None
    after: str
    effective_on: date
    prices: tuple[ChangedPrice, ...]

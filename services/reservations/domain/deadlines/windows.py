"""Windows at fixed dates, one for each holiday period, that may open for some families before others."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.reservations.domain.audience import Audience
from services.reservations.domain.deadlines.asked import Asked, Span
from services.reservations.domain.deadlines.openings import first_opening
from services.reservations.domain.deadlines.scope import Limited
from services.reservations.domain.written import LocalDay, LocalInstant, Written
from shared.errors import N_


class WindowOpening(Written):
    """Families of the audience may begin at `opens`."""

    audience: Audience
    opens: LocalInstant


class Window(Written):
    """Days `from` to `until` can be changed from `opens` (or at all times) to `closes`, on the town's clock.

    `openings`: earlier for some families; `opens_for_residents` is the same for those who live in the town.
    """

    first: LocalDay = Field(alias="from")
    last: LocalDay = Field(alias="until")
    opens: LocalInstant | None = None
    closes: LocalInstant
    opens_for_residents: LocalInstant | None = None
    openings: tuple[WindowOpening, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.last < self.first:
            raise ValueError(N_("The period ends before it starts."))
        earlier = [one.opens for one in self.openings] + [one for one in (self.opens_for_residents,) if one]
        if earlier and self.opens is None:
            raise ValueError(N_("What opens earlier for some has to open for all at some time: give “opens”."))
        if self.opens and not max([self.opens, *earlier]) <= self.opens < self.closes:
            raise ValueError(N_("The window must open for some, then for all, then close."))
        if self.closes.date() > self.first:
            raise ValueError(N_("The window must close before its first day has passed."))
        return self

    def span(self, rule_id: str, asked: Asked) -> Span:
        closes = asked.calendar.at(self.closes.date(), self.closes.time())
        return Span(rule_id=rule_id, opens=self._opens(asked), limit=closes)

    def _opens(self, asked: Asked) -> datetime | None:
        if self.opens is None:
            return None
        own = [one.opens for one in self.openings if one.audience.fits(asked.who, asked.day)]
        if self.opens_for_residents and asked.who.resident:
            own.append(self.opens_for_residents)
        at = asked.calendar.at
        return first_opening(at(self.opens.date(), self.opens.time()), [at(one.date(), one.time()) for one in own])


class AbsoluteWindow(Limited):
    """“Booking for the autumn holidays: 3 September 20:00 to 24 September”; days outside every window are shut."""

    shape: Literal["absolute_window"]
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    opens: None = None
    openings: tuple[()] = ()

    def limit(self, asked: Asked) -> datetime | None:
        return max((span.limit for span in self.spans(asked)), key=lambda limit: limit.timestamp(), default=None)

    def spans(self, asked: Asked) -> tuple[Span, ...]:
        return tuple(window.span(self.id, asked) for window in self.windows if window.first <= asked.day <= window.last)

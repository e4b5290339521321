"""Which days, activities and families a rule speaks of, and from when it lets them change a day."""

from abc import abstractmethod
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from services.reservations.domain.audience import Audience
from services.reservations.domain.deadlines.asked import Asked, Span
from services.reservations.domain.deadlines.openings import Earlier, Opening, opens_for
from services.reservations.domain.written import CodeOrNone, Codes, LocalDay, Weekdays, Written
from shared.errors import N_

DaysOf: TypeAlias = Literal["any_day", "school_day", "holiday"]


class Scoped(Written):
    """`on`: days of one kind, so that Wednesdays and holidays can have different rules; `activities`: their codes;
    `from` and `until`: the days the rule is for, both included. What is left out narrows nothing.
    """

    on: DaysOf = "any_day"
    weekdays: Weekdays | None = None
    activities: Codes = frozenset()
    audience: Audience | None = None
    first: LocalDay | None = Field(None, alias="from")
    last: LocalDay | None = Field(None, alias="until")

    @model_validator(mode="after")
    def _days_in_order(self) -> "Scoped":
        if self.first and self.last and self.last < self.first:
            raise ValueError(N_("The period ends before it starts."))
        return self

    def speaks_of(self, asked: Asked) -> bool:
        return self.speaks_of_day(asked) and (self.audience is None or self.audience.fits(asked.who, asked.day))

    def speaks_of_day(self, asked: Asked) -> bool:
        """For this child or others."""
        return (
            self.on in ("any_day", asked.what.kind)
            and (self.weekdays is None or bool(self.weekdays & asked.what.weekdays))
            and (not self.activities or asked.activity in self.activities)
            and (self.first is None or self.first <= asked.day)
            and (self.last is None or asked.day <= self.last)
        )


class Limited(Scoped):
    """`opens`: when changing these days opens, at all times when left out; `openings`: earlier for some families."""

    id: Annotated[CodeOrNone, Field(description="Names the rule in refusals; unique in its list.")] = ""
    opens: Opening | None = None
    openings: tuple[Earlier, ...] = ()

    @model_validator(mode="after")
    def _opens_for_all(self) -> "Limited":
        if self.openings and self.opens is None:
            raise ValueError(N_("What opens earlier for some has to open for all at some time: give “opens”."))
        return self

    @abstractmethod
    def limit(self, asked: Asked) -> datetime | None:
        """The last instant; None when the rule has none for this day."""

    def spans(self, asked: Asked) -> tuple[Span, ...]:
        """Each of them a time when the day can be changed; none when the rule has no window for this day."""
        limit = self.limit(asked)
        if limit is None:
            return ()
        return (Span(rule_id=self.id, opens=opens_for(asked, self.opens, self.openings), limit=limit),)

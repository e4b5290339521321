"""Whom a rule or an activity is for: residents, classes, categories, ages, children who were enrolled before a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field, PlainSerializer, StringConstraints, model_validator

from services.reservations.domain.capacity import age_on
from services.reservations.domain.written import WHOLE, LocalDay, Written, ordered_texts
from shared.errors import N_

Label = Annotated[str, StringConstraints(max_length=120)]
Labels = Annotated[frozenset[Label], PlainSerializer(ordered_texts, when_used="json")]
Age = Annotated[int, Field(ge=0, le=25), WHOLE]


@dataclass(frozen=True, kw_only=True)
class Who:
    """A child as rules see it on one day; `enrolled` is the first day of its first enrolment in the programme."""

    resident: bool = True
    group: str = ""
    category: str = ""
    birth_date: date | None = None
    enrolled: date | None = None


ANYBODY = Who()


class Ages(Written):
    """In completed years on the day itself, both included."""

    first: Age | None = Field(None, alias="from")
    last: Age | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _some(self) -> "Ages":
        if self.first is None and self.last is None:
            raise ValueError(N_("Give the youngest age, the oldest, or both."))
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError(N_("The ages end before they begin."))
        return self

    def hold(self, who: Who, day: date) -> bool:
        """A child whose birth date is not known is of no age."""
        age = age_on(who.birth_date, day)
        if age is None:
            return False
        return (self.first is None or self.first <= age) and (self.last is None or age <= self.last)


class Audience(Written):
    """All that is said must hold; what is left out says nothing. Of `groups` and `categories` one is enough.

    `enrolled_before`, `enrolled_since`: by the first day of the child's first enrolment in the programme.
    """

    residents: bool | None = None
    groups: Labels = frozenset()
    categories: Labels = frozenset()
    ages: Ages | None = None
    enrolled_before: LocalDay | None = None
    enrolled_since: LocalDay | None = None

    @model_validator(mode="after")
    def _some(self) -> "Audience":
        if not any(self.parts()):
            raise ValueError(N_("An audience says whom it is for."))
        return self

    def parts(self) -> Iterator[bool]:
        """Which of its questions it asks."""
        yield self.residents is not None
        yield bool(self.groups)
        yield bool(self.categories)
        yield self.ages is not None
        yield self.enrolled_before is not None
        yield self.enrolled_since is not None

    def fits(self, who: Who, day: date) -> bool:
        return (
            (self.residents is None or self.residents == who.resident)
            and (not self.groups or who.group in self.groups)
            and (not self.categories or who.category in self.categories)
            and (self.ages is None or self.ages.hold(who, day))
            and self._enrolled(who)
        )

    def _enrolled(self, who: Who) -> bool:
        if self.enrolled_before is not None and not (who.enrolled and who.enrolled < self.enrolled_before):
            return False
        return self.enrolled_since is None or bool(who.enrolled and who.enrolled >= self.enrolled_since)

"""For which children a grid or a reduction is: all that is said must hold, what is left out says nothing."""

from dataclasses import dataclass
from typing import Literal

from services.billing.domain.tariffs.situations import Facts

Among = Literal["household", "enrolled"]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Whole numbers, both ends included; `last` None: without end."""

    first: int
    last: int | None = None

    def holds(self, value: int) -> bool:
        return self.first <= value and (self.last is None or value <= self.last)


@dataclass(frozen=True, kw_only=True)
class Siblings:
    """The child's rank by birth: `household` counts every child of the household, `enrolled` those enrolled in the
    programme of the activity that day.
    """

    ranks: Span
    among: Among = "household"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """`ages` in completed years on the day. Of `categories` one is enough, of `other_than` none may be the child's."""

    siblings: Siblings | None = None
    ages: Span | None = None
    categories: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()

    @property
    def some(self) -> bool:
        return bool(self.siblings or self.ages or self.categories or self.other_than)

    def fit(self, facts: Facts) -> bool:
        """A child whose age is not known may be of any age: of what fits then the dearest is taken."""
        return (
            self._fits_rank(facts)
            and (self.ages is None or facts.age is None or self.ages.holds(facts.age))
            and (not self.categories or facts.category in self.categories)
            and facts.category not in self.other_than
        )

    def _fits_rank(self, facts: Facts) -> bool:
        if self.siblings is None:
            return True
        rank = facts.rank if self.siblings.among == "household" else facts.rank_enrolled
        return self.siblings.ranks.holds(rank)


ALL = Conditions()

"""A price grid as a town writes it. Amounts are euro cents, quotients euros with at most two decimals, as text."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.billing.domain.tariffs import Audience, Bracket, Charge, Effort, Grid, Modifier, Precision, Unit
from services.billing.domain.tariffs.conditions import ALL, Among, Conditions, Siblings, Span
from services.billing.domain.tariffs.units import ONCE, Per
from shared.web import Body, Int

CODE = r"^[a-z0-9]+(-[a-z0-9]+)*$"
AMOUNT = r"^[0-9]{1,7}([.][0-9]{1,2})?$"

Code = Annotated[str, StringConstraints(pattern=CODE, max_length=60)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Bound = Annotated[str, StringConstraints(pattern=AMOUNT)]
PartCents = Annotated[str, StringConstraints(pattern=AMOUNT)]
Cents = Annotated[Int, Field(ge=0, le=9_999_999)] | PartCents
Rate = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}([.][0-9]{1,4})?$")]
Percent = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}([.][0-9]{1,2})?$")]
Labels = Annotated[list[Label], Field(min_length=1, max_length=50)]


class BracketFile(Body):
    """`from` and `to` are both included; `to` is null for the last. `cents`: a number, or "37.5" for part cents."""

    lowest: Bound = Field(alias="from")
    highest: Bound | None = Field(alias="to")
    cents: Cents

    def rule(self) -> Bracket:
        highest = None if self.highest is None else Decimal(self.highest)
        return Bracket(lowest=Decimal(self.lowest), highest=highest, cents=Decimal(self.cents))


class EffortFile(Body):
    """Taux d'effort: `percent` of the quotient, "0.35" for 0.35 %, between a floor and a ceiling."""

    percent: Rate
    floor_cents: Cents
    ceiling_cents: Cents

    def rule(self) -> Effort:
        return Effort(
            percent=Decimal(self.percent),
            floor_cents=Decimal(self.floor_cents),
            ceiling_cents=Decimal(self.ceiling_cents),
        )


class UnitFile(Body):
    """`started_unit`: each `minutes` that began count whole; `duration`: every minute counts for its share of them."""

    per: Per
    minutes: Annotated[Int, Field(ge=0, le=1440)] = 0
    minimum: Annotated[Int, Field(ge=0, le=100)] = 0

    def rule(self) -> Unit:
        return Unit(per=self.per, minutes=self.minutes, minimum=self.minimum)


class AgesFile(Body):
    """Completed years on the day, both included; no `to`: without end."""

    first: Annotated[Int, Field(ge=0, le=25)] = Field(0, alias="from")
    last: Annotated[Int, Field(ge=0, le=25)] | None = Field(None, alias="to")

    def rule(self) -> Span:
        return Span(first=self.first, last=self.last)


class SiblingsFile(Body):
    """The child's rank by birth, 1 the eldest, both included; among all of the household, or those enrolled there."""

    first: Annotated[Int, Field(ge=1, le=20)] = Field(1, alias="from")
    last: Annotated[Int, Field(ge=1, le=20)] | None = Field(None, alias="to")
    among: Among = "household"

    def rule(self) -> Siblings:
        return Siblings(ranks=Span(first=self.first, last=self.last), among=self.among)


class WhenFile(Body):
    """All that is said must hold. Of `categories` one is enough; `other_than`: every category but these."""

    siblings: SiblingsFile | None = None
    ages: AgesFile | None = None
    categories: Labels | None = None
    other_than: Labels | None = None

    def rule(self) -> Conditions:
        return Conditions(
            siblings=self.siblings.rule() if self.siblings else None,
            ages=self.ages.rule() if self.ages else None,
            categories=tuple(dict.fromkeys(self.categories or ())),
            other_than=tuple(dict.fromkeys(self.other_than or ())),
        )


class QuotientsFile(Body):
    """Both included."""

    lowest: Bound = Field("0", alias="from")
    highest: Bound = Field(alias="to")

    def rule(self) -> tuple[Decimal, Decimal]:
        return Decimal(self.lowest), Decimal(self.highest)


class ModifierFile(Body):
    """`cents` replaces the price, `percent` multiplies it ("80" leaves four fifths). The family reads `reason`."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    cents: Cents | None = None
    percent: Percent | None = None
    audience: Audience = "everyone"
    when: WhenFile | None = None
    quotients: QuotientsFile | None = None

    def rule(self) -> Modifier:
        return Modifier(
            reason=self.reason,
            cents=None if self.cents is None else Decimal(self.cents),
            percent=None if self.percent is None else Decimal(self.percent),
            audience=self.audience,
            when=self.when.rule() if self.when else ALL,
            quotients=self.quotients.rule() if self.quotients else None,
        )


class GridFile(Body):
    """One version of a grid. Its formula is one of `brackets`, `effort` and `fixed_cents`; `charge`: what of a day it
    prices. Modifiers change the price one after the other, in their order.
    """

    id: Code
    version: Annotated[Int, Field(ge=1, le=9_999)]
    valid_from: date
    valid_until: date | None = None
    activities: Annotated[list[Code], Field(min_length=1, max_length=200)]
    audience: Audience
    charge: Charge = "booking"
    precision: Precision = "cent"
    brackets: Annotated[list[BracketFile], Field(min_length=1, max_length=100)] | None = None
    effort: EffortFile | None = None
    fixed_cents: Cents | None = None
    unit: UnitFile | None = None
    when: WhenFile | None = None
    modifiers: Annotated[list[ModifierFile], Field(max_length=20, default_factory=list)]

    def rule(self, municipality_id: str) -> Grid:
        return Grid(
            id=f"{municipality_id}.{self.id}",
            version=self.version,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            activities=named(municipality_id, self.activities),
            audience=self.audience,
            charge=self.charge,
            precision=self.precision,
            modifiers=tuple(modifier.rule() for modifier in self.modifiers),
            **self._formula(),
        )

    def _formula(self) -> dict[str, Any]:
        return {
            "brackets": tuple(bracket.rule() for bracket in self.brackets or ()),
            "effort": self.effort.rule() if self.effort else None,
            "fixed": None if self.fixed_cents is None else Decimal(self.fixed_cents),
            "unit": self.unit.rule() if self.unit else ONCE,
            "when": self.when.rule() if self.when else ALL,
        }


def named(municipality_id: str, codes: list[str]) -> tuple[str, ...]:
    """The ids of what a file names by codes, each once."""
    return tuple(f"{municipality_id}.{code}" for code in dict.fromkeys(codes))

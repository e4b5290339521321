"""What a town's file says of a family as far as prices go: residence and dated quotients."""

from bisect import insort
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

Outcome = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, kw_only=True)
class Quotient:
    """An income index (quotient familial), valid from a day until a later one takes over."""

    effective_on: date
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family file of one town; `household_id` is None until the family has joined.

    `sequence`: version of the household whose adhesion is the last one heard.
    `reprice_on`: the first day on which its prices may differ from those told.
    """

    id: str
    municipality_id: str
    reference: str
    household_id: str | None = None
    resident: bool = False
    quotients: tuple[Quotient, ...] = ()
    sequence: int = 0
    reprice_on: date | None = None
    version: int = 0


def family_id(municipality_id: str, reference: str) -> str:
    return f"{municipality_id}/{reference}"


def new_family(municipality_id: str, reference: str) -> Family:
    return Family(id=family_id(municipality_id, reference), municipality_id=municipality_id, reference=reference)


def join(family: Family, household_id: str, resident: bool, sequence: int) -> Family:
    """The family with the household that joined under its reference, unless a newer adhesion is known."""
    if family.household_id == household_id and sequence <= family.sequence:
        return family
    return replace(family, household_id=household_id, resident=resident, sequence=sequence)


def quotient_on(family: Family, day: date) -> Decimal | None:
    """The quotient known for that day: the latest that took effect on or before it."""
    known = [quotient.value for quotient in family.quotients if quotient.effective_on <= day]
    return known[-1] if known else None


def with_quotient(family: Family, quotient: Quotient) -> tuple[Family, Outcome]:
    """The family with that quotient; a quotient of the same day is replaced, it was a correction."""
    if quotient in family.quotients:
        return family, "unchanged"
    others = [known for known in family.quotients if known.effective_on != quotient.effective_on]
    outcome: Outcome = "created" if len(others) == len(family.quotients) else "updated"
    insort(others, quotient, key=lambda known: known.effective_on)
    return replace(family, quotients=tuple(others)), outcome

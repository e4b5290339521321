"""What a town's file says of a family as far as prices go: residence and dated quotients."""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

Outcome = Literal["created", "updated", "unchanged"]
Source = Literal["file", "agent", "request", "service"]
Proof = Literal["", "caf", "msa", "tax_notice", "other"]


@dataclass(frozen=True, kw_only=True)
class Quotient:
    """An income index (quotient familial), valid from a day until a later one takes over.

    `source`: how it reached the town; `received_on`: when its proof did; `proof`: of what kind that is, empty where
    nobody said. `given_by`: the agent's account or the request.
    """

    effective_on: date
    value: Decimal
    source: Source = "file"
    received_on: date | None = None
    proof: Proof = ""
    given_by: str = ""


@dataclass(frozen=True, kw_only=True)
class JoinedChild:
    """A child of the household with the reference the town knows it by."""

    child_id: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family file of one town; `household_id` is None until the family has joined.

    `sequence`: version of the household whose adhesion is the last one heard.
    `reprice_on`: the first day on which its prices may differ from those told. `heard`: the sequence of the last
    decision taken over of each request, so that an older one, or the same again, changes nothing.
    """

    id: str
    municipality_id: str
    reference: str
    household_id: str | None = None
    resident: bool = False
    quotients: tuple[Quotient, ...] = ()
    children: tuple[JoinedChild, ...] = ()
    sequence: int = 0
    reprice_on: date | None = None
    heard: Mapping[str, int] = field(default_factory=dict)
    version: int = 0

    def has_heard(self, request_id: str, sequence: int) -> bool:
        return self.heard.get(request_id, 0) >= sequence

    def having_heard(self, request_id: str, sequence: int) -> "Family":
        return replace(self, heard={**self.heard, request_id: sequence})


def family_id(municipality_id: str, reference: str) -> str:
    return f"{municipality_id}/{reference}"


def new_family(municipality_id: str, reference: str) -> Family:
    return Family(id=family_id(municipality_id, reference), municipality_id=municipality_id, reference=reference)


def join(
    family: Family, household_id: str, resident: bool, sequence: int, children: tuple[JoinedChild, ...] = ()
) -> Family:
    """The family with the household that joined under its reference, unless a newer adhesion is known."""
    if family.household_id == household_id and sequence <= family.sequence:
        return family
    return replace(family, household_id=household_id, resident=resident, sequence=sequence, children=children)


def quotient_on(family: Family, day: date) -> Decimal | None:
    """The quotient known for that day: the latest that took effect on or before it."""
    known = [quotient.value for quotient in family.quotients if quotient.effective_on <= day]
    return known[-1] if known else None


def with_quotient(family: Family, quotient: Quotient) -> tuple[Family, Outcome]:
    """The family with that quotient; a quotient of the same day is replaced, it was a correction."""
    if any((known.effective_on, known.value) == (quotient.effective_on, quotient.value) for known in family.quotients):
        return family, "unchanged"
    others = [known for known in family.quotients if known.effective_on != quotient.effective_on]
    outcome: Outcome = "created" if len(others) == len(family.quotients) else "updated"
    insort(others, quotient, key=lambda known: known.effective_on)
    return replace(family, quotients=tuple(others)), outcome


def quotient_given_by(family: Family, request_id: str) -> Quotient | None:
    return next((known for known in family.quotients if known.given_by == request_id), None)


def without_quotient(family: Family, request_id: str) -> Family:
    """The one a request brought is taken back: what was known before counts again."""
    left = tuple(known for known in family.quotients if known.given_by != request_id)
    return replace(family, quotients=left)

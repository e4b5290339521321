"""Custody weeks of a child that lives in two households, as one town keeps them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from shared.contracts.households import CustodyException, CustodyPlan, CustodyPlanned, CustodySet
from shared.errors import N_, BadInput, Refused

MOST_EXCEPTIONS = 100
LONGEST_VIEW = timedelta(days=400)
BACKWARDS = N_("The last day must not be before the first.")
NOT_THEIRS = N_("This household has not joined the town with this child.")
ONE_HOUSEHOLD = N_("The other household is expected here.")
TOO_LONG = N_("At most 400 days at a time.")


class CustodyUnfit(BadInput):
    """A plan that names who is not there, or days that end before they begin."""

    code = "custody-unfit"
    title = N_("These custody weeks cannot be kept")
    sentence = N_("These custody weeks do not fit the child's households; see the fields.")
    remedy = N_("Both households must have joined the town with the child; give each its weeks.")


class ChildNotShared(Refused):
    code = "child-not-shared"
    title = N_("The child has one household here")
    sentence = N_("Custody weeks are for a child of two households of the town; this one has %(count)s.")
    remedy = N_("Invite the other parent's family file first, with the same reference of the child.")


@dataclass(frozen=True, kw_only=True)
class Custody:
    """What a town keeps of one child; `plan` is None once it was taken away."""

    municipality_id: str
    child_id: str
    plan: CustodyPlan | None
    version: int = 0

    @property
    def id(self) -> str:
        return f"{self.municipality_id}/{self.child_id}"

    def told(self) -> tuple[CustodySet, CustodyPlanned]:
        """For the world who is concerned; for services also whose weeks are whose."""
        concerned = tuple(sorted(self.plan.household_ids)) if self.plan else ()
        town, child = self.municipality_id, self.child_id
        return (
            CustodySet(municipality_id=town, child_id=child, household_ids=concerned),
            CustodyPlanned(municipality_id=town, child_id=child, plan=self.plan),
        )


def check_plan(plan: CustodyPlan, households: Collection[str]) -> CustodyPlan:
    """The plan, its exceptions by date. `households`: those of the child in the town.

    Raises `ChildNotShared`, `CustodyUnfit`.
    """
    if len(households) < 2:
        raise ChildNotShared(count=len(households))
    errors = [*_strangers(plan, households), *_backwards(plan.exceptions)]
    if plan.even_weeks == plan.odd_weeks:
        errors.append(_error("odd_weeks", ONE_HOUSEHOLD))
    if errors:
        raise CustodyUnfit(errors)
    ordered = tuple(sorted(plan.exceptions, key=lambda one: (one.starts, one.ends)))
    return plan.model_copy(update={"exceptions": ordered})


def _strangers(plan: CustodyPlan, households: Collection[str]) -> list[dict[str, object]]:
    named = {"even_weeks": plan.even_weeks, "odd_weeks": plan.odd_weeks}
    named |= {f"exceptions.{at}.household_id": one.household_id for at, one in enumerate(plan.exceptions)}
    return [_error(field, NOT_THEIRS) for field, household_id in named.items() if household_id not in households]


def _backwards(exceptions: Collection[CustodyException]) -> list[dict[str, object]]:
    return [_error(f"exceptions.{at}.until", BACKWARDS) for at, one in enumerate(exceptions) if one.ends < one.starts]


def check_span(start: date, until: date) -> None:
    """Raises `CustodyUnfit`."""
    if until < start:
        raise CustodyUnfit([{**_error("until", BACKWARDS), "in": "query"}])
    if until - start > LONGEST_VIEW:
        raise CustodyUnfit([{**_error("until", TOO_LONG), "in": "query"}])


def _error(field: str, message: str) -> dict[str, object]:
    return {"in": "body", "field": field, "message": message, "facts": {}}

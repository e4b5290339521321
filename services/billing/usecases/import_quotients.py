"""Take a town's list of quotients: families that have not joined yet keep theirs until they do."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeAlias

from services.billing.domain.copies import Town, today_in
from services.billing.domain.families import Family, Outcome, Quotient, new_family, with_quotient
from services.billing.domain.quotient_file import read_quotients
from shared.clock import Clock
from shared.errors import Conflict
from shared.tables import Fault

TRIES = 3
AT_ONCE = 20

Kept: TypeAlias = tuple[Family, list[Outcome]]


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Families(Protocol):
    async def get(self, municipality_id: str, family_id: str) -> Family | None: ...
    async def save(self, family: Family) -> Family: ...


@dataclass(frozen=True, kw_only=True)
class Report:
    """`waiting`: of the lines kept, those whose family has not joined yet; `households`: of the others."""

    outcomes: Counter[Outcome]
    waiting: int
    refused: Sequence[Fault]
    households: Sequence[str]


async def import_quotients(
    municipality_id: str, raw: bytes, *, families: Families, towns: Towns, clock: Clock, nudge: Callable[[], None]
) -> Report:
    """Every sound line is kept, every other refused by its number. Raises `Conflict`, and as `read_quotients`."""
    lines, refused = read_quotients(raw)
    today = today_in(await towns.town(municipality_id), clock())
    by_family: dict[str, list[Quotient]] = {}
    for line in lines:
        by_family.setdefault(line.reference, []).append(line.quotient)
    limit = asyncio.Semaphore(AT_ONCE)

    async def keep(reference: str, quotients: list[Quotient]) -> Kept:
        async with limit:
            return await _keep(new_family(municipality_id, reference), quotients, families, today)

    kept = await asyncio.gather(*(keep(reference, quotients) for reference, quotients in by_family.items()))
    nudge()
    outcomes = Counter(outcome for _, found in kept for outcome in found)
    waiting = sum(len(found) for family, found in kept if family.household_id is None)
    households = [family.household_id for family, _ in kept if family.household_id]
    return Report(outcomes=outcomes, waiting=waiting, refused=refused, households=households)


async def _keep(unknown: Family, quotients: Sequence[Quotient], families: Families, today: date) -> Kept:
    """One family with its quotients of the file."""
    for _ in range(TRIES):
        known = await families.get(unknown.municipality_id, unknown.id) or unknown
        family, outcomes = known, list[Outcome]()
        for quotient in quotients:
            family, outcome = with_quotient(family, quotient)
            outcomes.append(outcome)
        if family is known:
            return family, outcomes
        try:
            return await families.save(replace(family, reprice_on=today)), outcomes
        except Conflict:
            continue
    raise Conflict()

"""A household is to be forgotten: asked by its guardians or its town, carried out by every service, reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.erasures import AskedBy, Erasure, Part, check_only_town
from services.identity.domain.households import Household
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.privacy import ErasurePartDone
from shared.errors import NotFound
from shared.ids import new_id


class Accounts(Protocol):
    async def of_household(self, household_id: str) -> list[Account]: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...
    async def merged_into(self, household_id: str) -> tuple[str, ...]: ...


class Erasures(Protocol):
    async def begin(self, erasure: Erasure, sequence: int) -> Erasure: ...
    async def note_part(self, erasure_id: str, service: str, part: Part) -> None: ...
    async def under_way(self, erasure_id: str) -> Erasure | None: ...
    async def finish(self, erasure: Erasure, events: Sequence[Event], now: datetime) -> None: ...


async def ask_erasure(
    household_id: str,
    *,
    asked_by: AskedBy,
    asked_by_id: str = "",
    reason: str = "",
    accounts: Accounts,
    households: Households,
    erasures: Erasures,
    clock: Clock,
) -> Erasure:
    """The whole household, in every town; asked again it is the same erasure. Raises `NotFound`."""
    household = await households.get(household_id)
    owners = await accounts.of_household(household_id)
    erasure = Erasure(
        id=new_id("era"),
        household_id=household_id,
        municipality_ids=tuple(one.municipality_id for one in household.adhesions),
        child_ids=tuple(child.id for child in household.children),
        former_ids=await households.merged_into(household_id),
        asked_by=asked_by,
        asked_by_id=asked_by_id,
        reason=reason,
        asked_at=clock(),
        emails=tuple(dict.fromkeys(account.email for account in owners)),
        addressee=household.name,
        language=owners[0].language if owners else "fr",
    )
    # After what the household told last, so that nobody takes it for older news.
    return await erasures.begin(erasure, household.version + 1)


async def ask_erasure_by_town(
    household_id: str,
    *,
    municipality_id: str,
    agent_id: str,
    reason: str,
    accounts: Accounts,
    households: Households,
    erasures: Erasures,
    clock: Clock,
) -> Erasure:
    """Raises `NotFound` for a household that is not the town's, `HouseholdOfOtherTowns`."""
    household = await households.get(household_id)
    if household.adhesion(municipality_id) is None:
        raise NotFound()
    check_only_town(household, municipality_id)
    return await ask_erasure(
        household_id,
        asked_by="agent",
        asked_by_id=agent_id,
        reason=reason,
        accounts=accounts,
        households=households,
        erasures=erasures,
        clock=clock,
    )


async def note_erased(told: Told[ErasurePartDone], *, erasures: Erasures, clock: Clock) -> None:
    """One service's receipt; the last one ends the erasure and is told to everybody."""
    done = told.event
    await erasures.note_part(done.erasure_id, done.service, Part(erased=done.erased, kept=done.kept))
    erasure = await erasures.under_way(done.erasure_id)
    if erasure is not None and erasure.answered:
        await erasures.finish(erasure, erasure.done_told(), clock())

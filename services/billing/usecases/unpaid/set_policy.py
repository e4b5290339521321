"""Change when a cash office reminds its families."""

from dataclasses import replace
from typing import Protocol

from services.billing.domain.unpaid.policy import ReminderPolicy, checked
from shared.versions import check_version


class Policies(Protocol):
    async def of(self, cash_office_id: str, municipality_id: str) -> ReminderPolicy: ...
    async def save(self, policy: ReminderPolicy) -> ReminderPolicy: ...


async def set_policy(wanted: ReminderPolicy, if_match: str, *, policies: Policies) -> ReminderPolicy:
    """Raises `VersionMissing`, `VersionPassed`, `StepsUnordered`, `Conflict`."""
    known = await policies.of(wanted.id, wanted.municipality_id)
    check_version(if_match, known.version)
    return await policies.save(replace(wanted, steps=checked(wanted.steps), version=known.version))

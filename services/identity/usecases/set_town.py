"""Opening a town, or bringing its settings up to date, from its file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.imports import AgentChange
from services.identity.domain.municipalities import Municipality, TownFile, TownManager
from services.identity.usecases.codes import Codes
from shared.auth import Role
from shared.clock import Clock
from shared.contracts import Event
from shared.ids import new_id


class Towns(Protocol):
    async def find(self, municipality_id: str) -> Municipality | None: ...
    async def save(self, municipality: Municipality, events: Sequence[Event], at: datetime) -> None: ...


class Accounts(Protocol):
    async def by_email(self, email: str) -> Account | None: ...
    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class TownSet:
    """`activation_code` is None once the manager has a password."""

    municipality_id: str
    manager_email: str
    activation_code: str | None


async def set_town(file: TownFile, *, towns: Towns, accounts: Accounts, codes: Codes, clock: Clock) -> TownSet:
    """Create or update the town and its manager; repeated with the same file it changes only a code not used yet."""
    known = await towns.find(file.id)
    town = file.municipality()
    if known:
        # What the file does not know of was chosen by the town's managers.
        town = replace(
            town,
            version=known.version,
            branding=known.branding,
            reconfirmation_month=known.reconfirmation_month,
        )
    if town != known:
        await towns.save(town, [town.told()], clock())
    account = await accounts.by_email(file.manager.email)
    code = await _set_manager(file.id, file.manager, account, accounts, codes)
    return TownSet(municipality_id=file.id, manager_email=file.manager.email, activation_code=code)


async def _set_manager(
    municipality_id: str, manager: TownManager, known: Account | None, accounts: Accounts, codes: Codes
) -> str | None:
    account = known or _blank(manager)
    had = account.roles.get(municipality_id, frozenset())
    account = account.with_roles(municipality_id, had | {Role.MANAGER.value})
    issuance = codes.issue()
    events = () if Role.MANAGER in had else (account.roles_told(municipality_id),)
    if not account.active:
        # The code is handed over by whoever opens the town: no letter is told.
        account = account.invited(municipality_id, issuance)
    if account != known:
        await accounts.save_all(municipality_id, [AgentChange(account, known, events)], issuance.at)
    return None if account.active else issuance.code


def _blank(manager: TownManager) -> Account:
    return Account(id=new_id("acc"), email=manager.email, first_name=manager.first_name, last_name=manager.last_name)

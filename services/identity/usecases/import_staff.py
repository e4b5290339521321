"""Importing a town's agents and their roles."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.imports import AgentChange, ImportReport, agent_change
from services.identity.domain.roles import roles_in
from services.identity.domain.staff_table import NO_ROLE, OwnRoleKept, StaffMember, read_staff
from services.identity.usecases.codes import Codes
from shared.auth import Role
from shared.clock import Clock
from shared.ids import new_id
from shared.tables import Fault


class Sessions(Protocol):
    async def end_all(self, account_id: str) -> list[str]: ...


class Accounts(Protocol):
    async def by_emails(self, emails: Sequence[str]) -> dict[str, Account]: ...
    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None: ...


async def import_staff(
    content: bytes,
    *,
    municipality_id: str,
    sender_id: str,
    accounts: Accounts,
    sessions: Sessions,
    codes: Codes,
    clock: Clock,
) -> ImportReport:
    """Give agents the roles of a table, whole per agent; agents the table does not name keep theirs.

    What is taken away ends the agent's sessions at once.

    Raises `UnreadableFile`, `ColumnsMissing`, `OwnRoleKept`, and `Conflict` on a race.
    """
    table = read_staff(content)
    known = await accounts.by_emails([member.email for member in table.members])
    _keep_own_role(table.members, known, sender_id)
    idle = [one for one in table.members if not one.roles_in(municipality_id) and one.email not in known]
    members = [one for one in table.members if one not in idle]
    found = [agent_change(one, known.get(one.email), _blank, municipality_id, codes.issue) for one in members]
    changes = [change for change in found if change]
    await accounts.save_all(municipality_id, changes, clock())
    for account in _with_less(changes, municipality_id):
        await sessions.end_all(account.id)
    created = sum(change.before is None for change in changes)
    faults = [*table.faults, *(Fault(one.line, "roles", NO_ROLE) for one in idle)]
    return ImportReport(
        created=created,
        updated=len(changes) - created,
        unchanged=len(members) - len(changes),
        invited=sum(change.invited for change in changes),
        faults=tuple(sorted(faults, key=lambda fault: fault.line)),
    )


def _keep_own_role(members: Sequence[StaffMember], known: dict[str, Account], sender_id: str) -> None:
    for member in members:
        account = known.get(member.email)
        if account and account.id == sender_id and Role.MANAGER not in member.roles:
            raise OwnRoleKept()


def _with_less(changes: Sequence[AgentChange], municipality_id: str) -> Iterator[Account]:
    for change in changes:
        if change.before and roles_in(change.account, municipality_id).lacks(roles_in(change.before, municipality_id)):
            yield change.account


def _blank(member: StaffMember) -> Account:
    return Account(id=new_id("acc"), email=member.email, first_name=member.first_name, last_name=member.last_name)

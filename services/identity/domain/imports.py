"""What importing a table changes: each file or account compared with what the town wrote before."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from services.identity.domain.accounts import Account
from services.identity.domain.families import Family, FamilyFile
from services.identity.domain.invitations import Issuance
from services.identity.domain.roles import roles_in, with_roles_in
from services.identity.domain.staff_table import StaffMember
from shared.contracts import Event
from shared.errors import N_
from shared.tables import Fault

Issue: TypeAlias = Callable[[], Issuance]
MERGED = N_("This family’s file was merged into another one: undo the merge, or write the change there.")


@dataclass(frozen=True)
class FileChange:
    """A file as it will be, what it was, and what there is to tell."""

    file: FamilyFile
    before: FamilyFile | None
    events: tuple[Event, ...] = ()

    @property
    def rewritten(self) -> bool:
        return self.before is not None and self.before.family != self.file.family


@dataclass(frozen=True)
class AgentChange:
    account: Account
    before: Account | None
    events: tuple[Event, ...] = ()
    invited: bool = False


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of a table; counts of families or agents, faults of lines, ids of the family files it changed."""

    created: int
    updated: int
    unchanged: int
    invited: int
    faults: tuple[Fault, ...]
    file_ids: tuple[str, ...] = ()


def file_change(
    family: Family, known: FamilyFile | None, blank: Callable[[Family], FamilyFile], issue: Issue | None, now: datetime
) -> FileChange | None:
    """None when there is nothing to write. `issue` draws a code for a family without a live one."""
    file = known.rewritten(family, now) if known else blank(family)
    issuance = issue() if issue and file.state(now) in {"not_invited", "expired"} else None
    if issuance:
        return FileChange(file.invited(issuance), known, file.invitation_told(issuance))
    return FileChange(file, known) if file != known else None


def agent_change(
    member: StaffMember,
    known: Account | None,
    blank: Callable[[StaffMember], Account],
    municipality_id: str,
    issue: Issue,
) -> AgentChange | None:
    """None when there is nothing to write; a new agent without a password gets a code."""
    account = _named(known, member) if known else blank(member)
    had, roles = roles_in(account, municipality_id), member.roles_in(municipality_id)
    account = with_roles_in(account, municipality_id, roles)
    events: list[Event] = [] if had == roles else [account.roles_told(municipality_id)]
    inviting = bool(roles) and not account.active and account.invitation_of(municipality_id) is None
    if inviting:
        issuance = issue()
        account = account.invited(municipality_id, issuance)
        events.append(account.invitation_told(municipality_id, issuance))
    return AgentChange(account, known, tuple(events), inviting) if account != known else None


def _named(account: Account, member: StaffMember) -> Account:
    """Until its owner signed in, an account is named as the town writes it."""
    if account.active:
        return account
    return replace(account, first_name=member.first_name, last_name=member.last_name)

"""Making accounts from invitations: of families, of agents, and a further town for an account that exists."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Guardian, Household
from services.identity.domain.imports import AgentChange
from services.identity.domain.municipalities import Municipality
from services.identity.domain.proofs import PASSWORD, Proven
from services.identity.domain.registrations import Registration, start_household
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.passwords import Passwords
from services.identity.usecases.sessions import Opened, SessionDesk
from services.identity.usecases.settle_children import References, with_settled_children
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Unauthenticated
from shared.ids import new_id


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


class Admissions(References, Protocol):
    async def admit(
        self,
        file: FamilyFile,
        household: Household,
        account: Account | None,
        *,
        of_household: Sequence[Event],
        of_account: Sequence[Event],
        at: datetime,
    ) -> None:
        """All or nothing. Raises `Conflict`, `AccountExists`."""


async def register_family(
    asked: Registration,
    *,
    address: str,
    invitations: Invitations,
    accounts: Accounts,
    admissions: Admissions,
    passwords: Passwords,
    desk: SessionDesk,
    clock: Clock,
    device: str = "",
) -> Opened:
    """Account, household and first town from a family file, then a session. Raises what `admit_family` does."""
    account = await admit_family(
        asked,
        address=address,
        invitations=invitations,
        accounts=accounts,
        admissions=admissions,
        passwords=passwords,
        clock=clock,
    )
    return await desk.open(Proven(account=account, methods=frozenset({PASSWORD}), at=clock()), device)


async def admit_family(
    asked: Registration,
    *,
    address: str,
    invitations: Invitations,
    accounts: Accounts,
    admissions: Admissions,
    passwords: Passwords,
    clock: Clock,
    place: int = 0,
) -> Account:
    """The account of the guardian at that place of the file, with household and first town.

    Raises the refusals of `Invitations.find`, of the form and of the password, and `AccountExists`.
    """
    file, town = await invitations.find_family(asked.code, asked.email, address)
    known = await accounts.by_email(file.family.email)
    if known and known.active:
        raise AccountExists()
    now = clock()
    file = await with_settled_children(file, None, admissions)
    household = asked.household(file, household_id=new_id("hsh"), new_id=new_id, now=now)
    password_hash = await passwords.chosen(asked.password, about=[*household.words(), town.name])
    guardian = household.guardians[place]
    owner = _account(household, guardian, known)
    account, created = replace(owner, household_id=household.id, guardian_id=guardian.id).activated(password_hash)
    await admissions.admit(
        file.joined_by(household.id),
        household,
        account,
        of_household=_told(household, town),
        of_account=[created],
        at=now,
    )
    return account


def _account(household: Household, guardian: Guardian, known: Account | None) -> Account:
    """An agent's account that waits at the same address becomes the parent's too: one person, one log-in."""
    if known:
        return known
    email = household.guardians[0].email
    return Account(id=new_id("acc"), email=email, first_name=guardian.first_name, last_name=guardian.last_name)


def _told(household: Household, town: Municipality) -> list[Event]:
    return [household.joined_told(town.id), household.profile_told()]


async def register_agent(
    code: str,
    email: str,
    password: str,
    *,
    address: str,
    invitations: Invitations,
    accounts: Accounts,
    passwords: Passwords,
    desk: SessionDesk,
    clock: Clock,
    device: str = "",
) -> Opened:
    """Give an agent's account its password, then a session."""
    account, town = await invitations.find_agent(code, email, address)
    about = [account.first_name, account.last_name, account.email, town.name]
    active, created = account.activated(await passwords.chosen(password, about=about))
    now = clock()
    await accounts.save_all(town.id, [AgentChange(active, account, (created,))], now)
    return await desk.open(Proven(account=active, methods=frozenset({PASSWORD}), at=now), device)


async def join_town(
    code: str,
    email: str,
    *,
    account_id: str,
    address: str,
    invitations: Invitations,
    accounts: Accounts,
    households: Households,
    admissions: Admissions,
    clock: Clock,
) -> Household:
    """The household with one more town. `email`: where the code was received; without it the code alone counts.

    An account without a household (an agent who is also a parent) gets the one of the file.
    """
    account = await accounts.by_id(account_id)
    if account is None:
        raise Unauthenticated()
    if email:
        file, town = await invitations.find_family(code, email, address)
    else:
        file, town = await invitations.find_typed(code, account_id, address)
    now = clock()
    if account.household_id:
        known = await households.get(account.household_id)
        file = await with_settled_children(file, known, admissions)
        household = known.joining(file, new_id=new_id, now=now)
        changed = None
    else:
        file = await with_settled_children(file, None, admissions)
        household = start_household(file, household_id=new_id("hsh"), new_id=new_id, now=now)
        changed = replace(account, household_id=household.id, guardian_id=household.guardians[0].id)
    await admissions.admit(
        file.joined_by(household.id), household, changed, of_household=_told(household, town), of_account=[], at=now
    )
    return household

"""Making accounts from invitations: of families, of agents, and a further town for an account that exists."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account, AccountExists
from services.identity.domain.families import FamilyFile
from services.identity.domain.households import Household
from services.identity.domain.imports import AgentChange
from services.identity.domain.municipalities import Municipality
from services.identity.domain.passwords import check_password, normal_password
from services.identity.domain.registrations import Registration, start_household
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.passwords import Hashes
from services.identity.usecases.sessions import Opened, SessionDesk
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


class Admissions(Protocol):
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
    hashes: Hashes,
    desk: SessionDesk,
    clock: Clock,
) -> Opened:
    """Account, household and first town from a family file, then a session.

    Raises the refusals of `Invitations.find`, of the form and of the password, and `AccountExists`.
    """
    file, town = await invitations.find_family(asked.code, asked.email, address)
    known = await accounts.by_email(file.family.email)
    if known and known.active:
        raise AccountExists()
    now = clock()
    household = asked.household(file, household_id=new_id("hsh"), new_id=new_id, now=now)
    password_hash = await _hashed(asked.password, household, town, hashes)
    account, created = replace(_account(household, known), household_id=household.id).activated(password_hash)
    await admissions.admit(
        file.joined_by(household.id),
        household,
        account,
        of_household=_told(household, town),
        of_account=[created],
        at=now,
    )
    return await desk.open(account)


async def _hashed(password: str, household: Household, town: Municipality, hashes: Hashes) -> str:
    password = normal_password(password)
    check_password(password, about=[*household.words(), town.name])
    return await hashes.make(password)


def _account(household: Household, known: Account | None) -> Account:
    """An agent's account that waits at the same address becomes the parent's too: one person, one log-in."""
    first = household.guardians[0]
    if known:
        return known
    return Account(id=new_id("acc"), email=first.email, first_name=first.first_name, last_name=first.last_name)


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
    hashes: Hashes,
    desk: SessionDesk,
    clock: Clock,
) -> Opened:
    """Give an agent's account its password, then a session."""
    account, town = await invitations.find_agent(code, email, address)
    password = normal_password(password)
    check_password(password, about=[account.first_name, account.last_name, account.email, town.name])
    active, created = account.activated(await hashes.make(password))
    await accounts.save_all(town.id, [AgentChange(active, account, (created,))], clock())
    return await desk.open(active)


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
    """The household with one more town; `email` is where the code was received, empty for the account's own.

    An account without a household (an agent who is also a parent) gets the one of the file.
    """
    account = await accounts.by_id(account_id)
    if account is None:
        raise Unauthenticated()
    file, town = await invitations.find_family(code, email or account.email, address)
    now = clock()
    if account.household_id:
        household = (await households.get(account.household_id)).joining(file, new_id=new_id, now=now)
        changed = None
    else:
        household = start_household(file, household_id=new_id("hsh"), new_id=new_id, now=now)
        changed = replace(account, household_id=household.id)
    await admissions.admit(
        file.joined_by(household.id), household, changed, of_household=_told(household, town), of_account=[], at=now
    )
    return household

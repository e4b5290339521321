"""A log-in for each guardian: inviting the other one, and accepting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.families import FamilyFile
from services.identity.domain.guardians import (
    GuardianExists,
    HouseholdThere,
    accepted,
    at_place,
    check_invitable,
    guardian_told,
    invitation_told,
    invited,
    with_second,
    writing_town,
)
from services.identity.domain.households import Guardian, Household
from services.identity.domain.invitations import Issuance
from services.identity.domain.proofs import PASSWORD, Proven
from services.identity.domain.text import normal_email
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.codes import Codes
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.passwords import Passwords
from services.identity.usecases.sessions import Opened, SessionDesk
from services.identity.usecases.writes import Writes
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound, Unauthenticated
from shared.ids import new_id


class Accounts(Protocol):
    async def by_id(self, account_id: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def of_household(self, household_id: str) -> list[Account]: ...


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


class Files(Protocol):
    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile: ...


@dataclass(frozen=True, kw_only=True)
class GuardianLogins:
    accounts: Accounts
    households: Households
    files: Files
    writes: Writes
    invitations: Invitations
    attempts: Attempts
    passwords: Passwords
    desk: SessionDesk
    codes: Codes
    clock: Clock

    async def add(self, household_id: str, guardian: Guardian) -> Household:
        """The household with its second guardian. Raises `GuardiansComplete`."""
        household = with_second(await self.households.get(household_id), guardian)
        told = guardian_told(household, guardian.id, "added")
        await self.writes.save(at=self.clock(), municipality_id=writing_town(household), household=(household, told))
        return household

    async def invite(self, household_id: str, guardian_id: str, email: str) -> Issuance:
        """By a guardian of the household. Raises `NotFound`, `GuardianHasLogin`, `AddressShared`, `TooMany`."""
        household = await self.households.get(household_id)
        guardian = household.guardian(guardian_id)
        if guardian is None:
            raise NotFound()
        await self.attempts.count_invitation(household_id)
        return await self._invite(household, guardian, normal_email(email))

    async def invite_for_town(
        self, file_id: str, place: int, email: str, *, municipality_ids: frozenset[str]
    ) -> tuple[FamilyFile, Issuance]:
        """By the town the household joined. Raises `NotFound`, `NoSuchGuardian`, as `invite` otherwise."""
        file = await self.files.get(file_id, municipality_ids)
        if not file.joined:
            raise NotFound()
        household = await self.households.get(file.household_id)
        issuance = await self._invite(household, at_place(household, place), normal_email(email), file.municipality_id)
        return file, issuance

    async def register(self, code: str, email: str, password: str, *, address: str, device: str = "") -> Opened:
        """A new account for the guardian invited, and its session.

        Raises the refusals of `Invitations.find` and of the password, and `GuardianExists`.
        """
        household, invitation = await self.invitations.find_guardian(code, email, address)
        known = await self.accounts.by_email(invitation.email)
        if known and known.active:
            raise GuardianExists()
        guardian = household.guardian(invitation.guardian_id)
        if guardian is None:
            raise NotFound()
        blank = known or Account(
            id=new_id("acc"), email=invitation.email, first_name=guardian.first_name, last_name=guardian.last_name
        )
        password_hash = await self.passwords.chosen(password, about=[*household.words(), invitation.email])
        household, account = accepted(household, invitation, blank)
        account, created = account.activated(password_hash)
        now = self.clock()
        await self._admit(household, account, [created], now)
        return await self.desk.open(Proven(account=account, methods=frozenset({PASSWORD}), at=now), device)

    async def accept(self, code: str, email: str, *, account_id: str, address: str) -> Household:
        """With the account one is signed in with. Raises `HouseholdThere`, and as `Invitations.find`."""
        account = await self.accounts.by_id(account_id)
        if account is None:
            raise Unauthenticated()
        if account.household_id:
            raise HouseholdThere()
        if email:
            household, invitation = await self.invitations.find_guardian(code, email, address)
        else:
            household, invitation = await self.invitations.find_typed_guardian(code, account_id, address)
        household, account = accepted(household, invitation, account)
        await self._admit(household, account, [], self.clock())
        return household

    async def _invite(self, household: Household, guardian: Guardian, email: str, town: str = "") -> Issuance:
        check_invitable(household, guardian, email, await self.accounts.of_household(household.id))
        issuance = self.codes.issue()
        letter = invitation_told(household, guardian, email, issuance, town)
        await self.writes.save(
            at=issuance.at,
            municipality_id=letter.municipality_id,
            household=(invited(household, guardian, email, issuance), [letter]),
        )
        return issuance

    async def _admit(self, household: Household, account: Account, events: Sequence[Event], now: datetime) -> None:
        told = guardian_told(household, account.guardian_id, "log_in")
        town = writing_town(household)
        await self.writes.save(at=now, municipality_id=town, household=(household, told), account=(account, events))

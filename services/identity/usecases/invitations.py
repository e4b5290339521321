"""Finding an invitation by its code, and sending codes again."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from services.identity.domain.accounts import Account
from services.identity.domain.families import FamilyFile
from services.identity.domain.guardians import invitation_told, invitation_with, invited, writing_town
from services.identity.domain.households import Guardian, GuardianInvitation, Household
from services.identity.domain.imports import AgentChange, FileChange
from services.identity.domain.invitations import (
    AGENT,
    FAMILY,
    GUARDIAN,
    CodeUnknown,
    CodeUsed,
    Invitation,
    InvitationUnknown,
    Issuance,
    code_hash,
    normal_code,
    typed_hash,
)
from services.identity.domain.municipalities import Municipality
from services.identity.domain.text import normal_email
from services.identity.usecases.attempts import CODE, Attempts
from services.identity.usecases.codes import Codes
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict

NO_TOWNS_ZONE = ZoneInfo("Europe/Paris")


class Files(Protocol):
    async def by_code(self, hashed: str) -> FamilyFile | None: ...
    async def by_typed_code(self, hashed: str) -> FamilyFile | None: ...
    async def open_at(self, email: str) -> list[FamilyFile]: ...
    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile: ...
    async def save_all(self, municipality_id: str, changes: list[FileChange], at: datetime) -> None: ...


class Accounts(Protocol):
    async def by_code(self, hashed: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None: ...


class Households(Protocol):
    async def by_guardian_code(self, hashed: str) -> Household | None: ...
    async def by_typed_guardian_code(self, hashed: str) -> Household | None: ...


class InvitingHouseholds(Protocol):
    async def inviting(self, email: str) -> list[Household]: ...
    async def save(self, household: Household, events: Sequence[Event], at: datetime) -> None: ...


class Towns(Protocol):
    async def get(self, municipality_id: str) -> Municipality: ...


@dataclass(frozen=True, kw_only=True)
class Found:
    """An invitation that can be used now: of a family file, of an agent's account, or of a household's guardian.

    `town` is None for a guardian whose household joined none.
    """

    invitation: Invitation
    town: Municipality | None
    email: str
    file: FamilyFile | None = None
    agent: Account | None = None
    household: Household | None = None

    @property
    def kind(self) -> str:
        if self.household:
            return GUARDIAN
        return FAMILY if self.file else AGENT

    @property
    def zone(self) -> ZoneInfo:
        return self.town.zone if self.town else NO_TOWNS_ZONE

    @property
    def guardian(self) -> Guardian | None:
        """Who is invited, when it is a guardian of a household."""
        if self.household is None:
            return None
        return self.household.guardian(invitation_with(self.household, self.invitation.code_hash).guardian_id)


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """Where codes are looked up, with the count of misses that guards them."""

    files: Files
    accounts: Accounts
    towns: Towns
    households: Households
    attempts: Attempts
    clock: Clock

    async def find(self, code: str, email: str, address: str) -> Found:
        """Raises `InvitationUnknown`, `InvitationExpired`, `InvitationUsed`, `TooMany`."""
        email = normal_email(email)
        async with self.attempts.counted(CODE, email, address):
            found, used = await self._find(code_hash(normal_code(code), email), email)
            found.invitation.check(self.clock(), used=used, zone=found.zone)
        return found

    async def find_family(self, code: str, email: str, address: str) -> tuple[FamilyFile, Municipality]:
        """As `find`, for a code of a family."""
        found = await self.find(code, email, address)
        if found.file is None or found.town is None:
            raise InvitationUnknown()
        return found.file, found.town

    async def find_typed(self, code: str, account_id: str, address: str) -> tuple[FamilyFile, Municipality]:
        """The family a code typed by a signed-in account belongs to.

        Raises `CodeUnknown`, `InvitationExpired`, `CodeUsed`, `TooMany`.
        """
        async with self.attempts.counted(CODE, account_id, address):
            file = await self.files.by_typed_code(typed_hash(normal_code(code)))
            if file is None or file.invitation is None:
                raise CodeUnknown()
        town = await self.towns.get(file.municipality_id)
        if file.joined:
            raise CodeUsed()
        file.invitation.check(self.clock(), used=False, zone=town.zone)
        return file, town

    async def find_agent(self, code: str, email: str, address: str) -> tuple[Account, Municipality]:
        """As `find`, for a code of an agent."""
        found = await self.find(code, email, address)
        if found.agent is None or found.town is None:
            raise InvitationUnknown()
        return found.agent, found.town

    async def find_guardian(self, code: str, email: str, address: str) -> tuple[Household, GuardianInvitation]:
        """As `find`, for a code of a guardian."""
        found = await self.find(code, email, address)
        if found.household is None:
            raise InvitationUnknown()
        return found.household, invitation_with(found.household, found.invitation.code_hash)

    async def find_typed_guardian(
        self, code: str, account_id: str, address: str
    ) -> tuple[Household, GuardianInvitation]:
        """As `find_typed`, for a code of a guardian."""
        hashed = typed_hash(normal_code(code))
        async with self.attempts.counted(CODE, account_id, address):
            household = await self.households.by_typed_guardian_code(hashed)
            if household is None:
                raise CodeUnknown()
        found = invitation_with(household, hashed)
        if found.used:
            raise CodeUsed()
        found.invitation.check(self.clock(), used=False, zone=NO_TOWNS_ZONE)
        return household, found

    async def _find(self, hashed: str, email: str) -> tuple[Found, bool]:
        file = await self.files.by_code(hashed)
        if file and file.invitation:
            town = await self.towns.get(file.municipality_id)
            return Found(invitation=file.invitation, town=town, email=email, file=file), file.joined
        agent = await self.accounts.by_code(hashed)
        activation = agent.activation(hashed) if agent else None
        if agent is None or activation is None:
            return await self._find_guardian(hashed, email)
        town = await self.towns.get(activation.municipality_id)
        return Found(invitation=activation.invitation, town=town, email=email, agent=agent), agent.active

    async def _find_guardian(self, hashed: str, email: str) -> tuple[Found, bool]:
        household = await self.households.by_guardian_code(hashed)
        if household is None:
            raise InvitationUnknown()
        found = invitation_with(household, hashed)
        town_id = writing_town(household)
        town = await self.towns.get(town_id) if town_id else None
        return Found(invitation=found.invitation, town=town, email=email, household=household), found.used


async def renew_invitations(
    email: str,
    *,
    files: Files,
    accounts: Accounts,
    households: InvitingHouseholds,
    attempts: Attempts,
    codes: Codes,
) -> int:
    """Send a fresh code for each file, agent or guardian that still waits at this address; the number sent."""
    email = normal_email(email)
    if not await attempts.may_renew(email):
        return 0
    sent = [await _sent(_invite(file, files, codes)) for file in await files.open_at(email)]
    account = await accounts.by_email(email)
    if account and not account.active and account.activations:
        sent.append(await _sent(_invite_agent(account, accounts, codes)))
    sent += [await _sent(_invite_guardian(one, email, households, codes)) for one in await households.inviting(email)]
    return sum(sent)


async def _sent(inviting: Awaitable[object]) -> bool:
    """False when the file changed meanwhile: most likely another code was issued at this very moment."""
    try:
        await inviting
    except Conflict:
        return False
    return True


async def invite_again(file_id: str, *, municipality_ids: frozenset[str], files: Files, codes: Codes) -> Issuance:
    """What was issued to the family. Raises `NotFound`, `AlreadyJoined`."""
    return await _invite(await files.get(file_id, municipality_ids), files, codes)


async def _invite(file: FamilyFile, files: Files, codes: Codes) -> Issuance:
    issuance = codes.issue()
    invited = file.invited(issuance)
    change = FileChange(invited, file, invited.invitation_told(issuance))
    await files.save_all(file.municipality_id, [change], issuance.at)
    return issuance


async def _invite_agent(account: Account, accounts: Accounts, codes: Codes) -> None:
    issuance = codes.issue()
    municipality_id = account.activations[-1].municipality_id
    invited = account.invited(municipality_id, issuance)
    change = AgentChange(invited, account, (invited.invitation_told(municipality_id, issuance),), True)
    await accounts.save_all(municipality_id, [change], issuance.at)


async def _invite_guardian(household: Household, email: str, households: InvitingHouseholds, codes: Codes) -> None:
    for waiting in household.guardian_invitations:
        guardian = household.guardian(waiting.guardian_id)
        if waiting.email == email and not waiting.used and guardian:
            issuance = codes.issue()
            letter = invitation_told(household, guardian, email, issuance)
            await households.save(invited(household, guardian, email, issuance), [letter], issuance.at)

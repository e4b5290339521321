"""Finding an invitation by its code, and sending codes again."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.families import FamilyFile
from services.identity.domain.imports import AgentChange, FileChange
from services.identity.domain.invitations import (
    AGENT,
    FAMILY,
    Invitation,
    InvitationUnknown,
    Issuance,
    code_hash,
    normal_code,
)
from services.identity.domain.municipalities import Municipality
from services.identity.domain.text import normal_email
from services.identity.usecases.attempts import CODE, Attempts
from services.identity.usecases.codes import Codes
from shared.clock import Clock
from shared.errors import Conflict


class Files(Protocol):
    async def by_code(self, hashed: str) -> FamilyFile | None: ...
    async def open_at(self, email: str) -> list[FamilyFile]: ...
    async def get(self, file_id: str, municipality_ids: frozenset[str]) -> FamilyFile: ...
    async def save_all(self, municipality_id: str, changes: list[FileChange], at: datetime) -> None: ...


class Accounts(Protocol):
    async def by_code(self, hashed: str) -> Account | None: ...
    async def by_email(self, email: str) -> Account | None: ...
    async def save_all(self, municipality_id: str, changes: list[AgentChange], at: datetime) -> None: ...


class Towns(Protocol):
    async def get(self, municipality_id: str) -> Municipality: ...


@dataclass(frozen=True, kw_only=True)
class Found:
    """An invitation that can be used now: of a family file, or of an agent's account."""

    invitation: Invitation
    town: Municipality
    email: str
    file: FamilyFile | None = None
    agent: Account | None = None

    @property
    def kind(self) -> str:
        return FAMILY if self.file else AGENT


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """Where codes are looked up, with the count of misses that guards them."""

    files: Files
    accounts: Accounts
    towns: Towns
    attempts: Attempts
    clock: Clock

    async def find(self, code: str, email: str, address: str) -> Found:
        """Raises `InvitationUnknown`, `InvitationExpired`, `InvitationUsed`, `TooMany`."""
        email = normal_email(email)
        async with self.attempts.counted(CODE, email, address):
            found, used = await self._find(code_hash(normal_code(code), email), email)
            found.invitation.check(self.clock(), used=used, zone=found.town.zone)
        return found

    async def find_family(self, code: str, email: str, address: str) -> tuple[FamilyFile, Municipality]:
        """As `find`, for a code of a family."""
        found = await self.find(code, email, address)
        if found.file is None:
            raise InvitationUnknown()
        return found.file, found.town

    async def find_agent(self, code: str, email: str, address: str) -> tuple[Account, Municipality]:
        """As `find`, for a code of an agent."""
        found = await self.find(code, email, address)
        if found.agent is None:
            raise InvitationUnknown()
        return found.agent, found.town

    async def _find(self, hashed: str, email: str) -> tuple[Found, bool]:
        file = await self.files.by_code(hashed)
        if file and file.invitation:
            town = await self.towns.get(file.municipality_id)
            return Found(invitation=file.invitation, town=town, email=email, file=file), file.joined
        agent = await self.accounts.by_code(hashed)
        activation = agent.activation(hashed) if agent else None
        if agent is None or activation is None:
            raise InvitationUnknown()
        town = await self.towns.get(activation.municipality_id)
        return Found(invitation=activation.invitation, town=town, email=email, agent=agent), agent.active


async def renew_invitations(email: str, *, files: Files, accounts: Accounts, attempts: Attempts, codes: Codes) -> int:
    """Send a fresh code for each file or agent's account that still waits at this address; the number sent."""
    email = normal_email(email)
    if not await attempts.may_renew(email):
        return 0
    sent = [await _sent(_invite(file, files, codes)) for file in await files.open_at(email)]
    account = await accounts.by_email(email)
    if account and not account.active and account.activations:
        sent.append(await _sent(_invite_agent(account, accounts, codes)))
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

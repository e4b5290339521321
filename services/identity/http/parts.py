"""What the handlers work with, put together once by `app.build`."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from services.identity.domain.devices import device_of
from services.identity.http.household_parts import HouseholdParts
from services.identity.http.log_in_parts import LogIn
from services.identity.http.oauth.parts import Sites
from services.identity.http.own_parts import OwnAccounts
from services.identity.http.privacy_desk import PrivacyDesk
from services.identity.http.town_files import TownFiles
from services.identity.store import (
    AccountStore,
    AdmissionStore,
    AgentStore,
    AuditTrailStore,
    ClientStore,
    FamilyFileStore,
    FamilySearch,
    HashWorkers,
    HouseholdStore,
    LogoStore,
    MunicipalityStore,
    SessionStore,
    SigningKeys,
)
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.codes import Codes
from services.identity.usecases.franceconnect import FranceConnect
from services.identity.usecases.freshness import Fresh
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.links import Links
from services.identity.usecases.partner_tokens import PartnerTokens
from services.identity.usecases.passwords import Passwords
from services.identity.usecases.sessions import SessionDesk
from services.identity.usecases.signing_in import SigningIn
from shared.clock import Clock

log = structlog.get_logger()


class Errands:
    """Work whose outcome the caller must not be able to tell from the answer, nor from how long it took."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(self._run(name, work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except Exception:
            log.exception("errand_failed", errand=name)

    async def done(self) -> None:
        """Return once nothing runs any more."""
        while self._running:
            await asyncio.gather(*self._running)


@dataclass(frozen=True, kw_only=True)
class Parts:
    towns: MunicipalityStore
    files: FamilyFileStore
    search: FamilySearch
    town_files: TownFiles
    accounts: AccountStore
    households: HouseholdStore
    admissions: AdmissionStore
    sessions: SessionStore
    hashes: HashWorkers
    passwords: Passwords
    links: Links
    own: OwnAccounts
    homes: HouseholdParts
    attempts: Attempts
    invitations: Invitations
    desk: SessionDesk
    log_in: LogIn
    privacy: PrivacyDesk
    codes: Codes
    clients: ClientStore
    sites: Sites
    partner_tokens: PartnerTokens
    franceconnect: FranceConnect
    keys: SigningKeys
    trail: AuditTrailStore
    agents: AgentStore
    logos: LogoStore
    errands: Errands
    clock: Clock
    client_address_header: str

    @property
    def signing_in(self) -> SigningIn:
        return self.log_in.signing_in

    @property
    def fresh(self) -> Fresh:
        """`await parts.fresh.check(caller)` before a sensitive change."""
        return self.log_in.fresh

    async def close(self) -> None:
        """Once what is under way is done."""
        await self.errands.done()
        self.hashes.close()
        await self.franceconnect.provider.close()
        await self.sites.calls.close()


PARTS = web.AppKey("parts", Parts)


def client_address(request: web.Request) -> str:
    """The caller's address as the gateway gives it: the last entry, earlier ones come from the caller."""
    given = request.headers.get(request.app[PARTS].client_address_header, "")
    return given.rpartition(",")[2].strip() or request.remote or ""


def device(request: web.Request) -> str:
    """Short words for the caller's browser."""
    return device_of(request.headers.get("User-Agent", ""))

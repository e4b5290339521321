"""What the handlers work with, put together once by `app.build`."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from services.identity.store import (
    AccountStore,
    AdmissionStore,
    FamilyFileStore,
    HashWorkers,
    HouseholdStore,
    MunicipalityStore,
    SessionStore,
    SigningKeys,
)
from services.identity.usecases.attempts import Attempts
from services.identity.usecases.codes import Codes
from services.identity.usecases.invitations import Invitations
from services.identity.usecases.sessions import SessionDesk
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
    accounts: AccountStore
    households: HouseholdStore
    admissions: AdmissionStore
    sessions: SessionStore
    hashes: HashWorkers
    attempts: Attempts
    invitations: Invitations
    desk: SessionDesk
    codes: Codes
    keys: SigningKeys
    errands: Errands
    clock: Clock
    client_address_header: str


PARTS = web.AppKey("parts", Parts)


def client_address(request: web.Request) -> str:
    """The caller's address as the gateway gives it: the last entry, earlier ones come from the caller."""
    given = request.headers.get(request.app[PARTS].client_address_header, "")
    return given.rpartition(",")[2].strip() or request.remote or ""

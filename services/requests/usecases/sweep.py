"""What nobody will come back for goes: drafts left alone for 30 days, files of no request, room kept for nothing."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from services.requests.domain.files import Home
from services.requests.domain.requests import DRAFT_LIFE, Request
from services.requests.usecases import drop_draft
from services.requests.usecases.moment import moment
from shared.clock import Clock
from shared.errors import Conflict

ORPHAN_AGE = timedelta(days=1)
Use = Literal["draft", "filed", "none"]


class Requests(drop_draft.Requests, Protocol):
    def drafts_untouched_since(self, before: datetime) -> AsyncIterator[Request]: ...
    async def use_of(self, file_id: str, home: Home) -> Use: ...


class Files(drop_draft.Files, Protocol):
    def loose(self, before: datetime) -> AsyncIterator[tuple[str, Home]]: ...
    async def drop(self, file_id: str, home: Home) -> None: ...
    async def fasten(self, file_id: str, home: Home) -> None: ...


class Quotas(drop_draft.Quotas, Protocol):
    def reserved(self, before: datetime) -> AsyncIterator[tuple[str, Home]]: ...
    async def release(self, file_id: str, home: Home) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Swept:
    drafts: int
    files: int
    reservations: int


async def sweep(*, requests: Requests, files: Files, quotas: Quotas, clock: Clock) -> Swept:
    """One pass; harmless when repeated or run by several processes at once."""
    now = moment(clock)
    return Swept(
        drafts=await _sweep_drafts(now, requests, files, quotas),
        files=await _sweep_files(now, requests, files),
        reservations=await _sweep_reservations(now, requests, files, quotas),
    )


async def _sweep_drafts(now: datetime, requests: Requests, files: Files, quotas: Quotas) -> int:
    swept = 0
    async for draft in requests.drafts_untouched_since(now - DRAFT_LIFE):
        # Touched meanwhile: not left alone after all.
        with suppress(Conflict):
            await drop_draft.remove_with_files(draft, requests=requests, files=files, quotas=quotas)
            swept += 1
    return swept


async def _sweep_files(now: datetime, requests: Requests, files: Files) -> int:
    swept = 0
    async for file_id, home in files.loose(now - ORPHAN_AGE):
        use = await requests.use_of(file_id, home)
        if use == "none":
            await files.drop(file_id, home)
            swept += 1
        elif use == "filed":
            await files.fasten(file_id, home)
    return swept


async def _sweep_reservations(now: datetime, requests: Requests, files: Files, quotas: Quotas) -> int:
    swept = 0
    async for file_id, home in quotas.reserved(now - ORPHAN_AGE):
        use = await requests.use_of(file_id, home)
        if use == "none":
            # A crash in the middle of an upload leaves bytes that only the reservation still names.
            await files.drop(file_id, home)
        if use != "draft":
            await quotas.release(file_id, home)
            swept += 1
    return swept

"""The antivirus looks at the files in quarantine, one after the other; what it finds something in goes.

Each step may be done again after a crash: what is claimed and not finished is claimed again five minutes later.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from services.requests.domain.attaching import holds, without_infected
from services.requests.domain.requests import Request
from services.requests.domain.stored_files import FileState, StoredFile
from services.requests.usecases.moment import moment
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound

Scanned: TypeAlias = Literal["clean", "infected", "away", "gone"]
"""`away`: the antivirus did not answer; `gone`: the file was dropped meanwhile."""


class AntivirusAway(Exception):
    """No verdict: it does not answer, or could not read the file. Nobody reads the file until there is one."""


class Antivirus(Protocol):
    async def finding(self, chunks: AsyncIterator[bytes]) -> str:
        """The name of what it finds; empty for a clean file. Raises `AntivirusAway`."""


class Records(Protocol):
    async def claim_scan(self, now: datetime) -> StoredFile | None: ...
    async def keep(self, file: StoredFile, before: FileState) -> bool: ...


class Files(Protocol):
    async def read(self, file: StoredFile) -> AsyncIterator[bytes]: ...
    async def drop_bytes(self, file: StoredFile) -> None: ...


class Requests(Protocol):
    async def of_household(self, request_id: str, household_id: str) -> Request: ...


class Slots(Protocol):
    async def save_emptied(self, request: Request, file: StoredFile, event: Event, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class ScanDesk:
    """What looking at files takes."""

    antivirus: Antivirus
    records: Records
    files: Files
    requests: Requests
    slots: Slots
    clock: Clock


async def scan_next(desk: ScanDesk) -> Scanned | None:
    """Look at the file that waits longest; None when none is due. Raises `Conflict` when the request of an infected
    file changed meanwhile: it is due again."""
    now = moment(desk.clock)
    file = await desk.records.claim_scan(now)
    if file is None:
        return None
    if file.state == "infected":
        await _remove(file, now, desk)
        return "infected"
    try:
        finding = await desk.antivirus.finding(await desk.files.read(file))
    except NotFound:
        # Dropped between the two, or its bytes are in a store that is gone: there is nothing to look at.
        await desk.records.keep(replace(file, scan_after=None), before=file.state)
        return "gone"
    except AntivirusAway:
        await desk.records.keep(file.to_be_scanned_again(now), before=file.state)
        return "away"
    if not finding:
        await desk.records.keep(file.found_clean(), before=file.state)
        return "clean"
    infected = file.found_infected(finding, now)
    if await desk.records.keep(infected, before=file.state):
        await _remove(infected, now, desk)
    return "infected"


async def _remove(file: StoredFile, now: datetime, desk: ScanDesk) -> None:
    """Out of its slot, with what is told of it; then its bytes; then nothing is left to do."""
    home = file.home
    try:
        request = await desk.requests.of_household(home.request_id, home.household_id)
    except NotFound:
        request = None
    if request and holds(request, file):
        emptied, told = without_infected(request, file, now)
        await desk.slots.save_emptied(emptied, file, told, now)
    await desk.files.drop_bytes(file)
    await desk.records.keep(replace(file, scan_after=None, key=""), before="infected")

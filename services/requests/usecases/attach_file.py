"""A family puts a document into a slot of its request: received, checked, kept, in place of what was there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.requests.domain.attaching import check_attachable
from services.requests.domain.categories import Slot
from services.requests.domain.files import Home
from services.requests.domain.requests import Attachment, Request
from services.requests.domain.stored_files import SLOT, StoredFile
from services.requests.usecases.moment import moment
from services.requests.usecases.receive_file import Arrival, Intake, Upload, receive_file
from services.requests.usecases.towns import Towns


class Quotas(Protocol):
    async def reserve(self, file_id: str, home: Home, size: int, *, instead_of: str | None, at: datetime) -> None: ...
    async def settle(self, file_id: str, home: Home, size: int) -> None: ...
    async def release(self, file_id: str, home: Home) -> None: ...


class Requests(Protocol):
    async def of_household(self, request_id: str, household_id: str) -> Request: ...
    async def attach(self, request: Request, slot_id: str, attachment: Attachment) -> Attachment | None: ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What putting a file into a slot takes."""

    requests: Requests
    quotas: Quotas
    towns: Towns
    intake: Intake


async def attach_file(
    request_id: str, slot_id: str, upload: Upload, *, household_id: str, account_id: str, desk: Desk
) -> tuple[Slot, StoredFile]:
    """Raises `NotFound`, `AlreadyFiled`, `FilesQuotaReached`, `Conflict`, `Unavailable`, and what `receive_file`
    raises."""
    request = await desk.requests.of_household(request_id, household_id)
    slot = request.category.slot(slot_id)
    check_attachable(request, slot_id, await desk.towns.zone(request.municipality_id))
    home = Home(household_id=household_id, municipality_id=request.municipality_id, request_id=request.id)
    before = request.attachments.get(slot_id)
    arrival = Arrival.at(home, f"{SLOT}{slot_id}", account_id)
    announced, now = desk.intake.announced(upload), moment(desk.intake.clock)
    # The room is taken before the bytes come: many uploads at once cannot pass a limit none of them passes alone.
    with desk.intake.inspections.place():
        instead_of = before.file_id if before else None
        await desk.quotas.reserve(arrival.file_id, home, announced, instead_of=instead_of, at=now)
        try:
            file = await receive_file(upload, arrival, desk.intake)
            await desk.quotas.settle(file.id, home, file.bytes)
            replaced = await desk.requests.attach(request, slot_id, _attachment(file))
        except BaseException:
            await _forget(arrival.file_id, home, desk)
            raise
    if replaced:
        await _forget(replaced.file_id, home, desk)
    if request.filed_at:
        # Only drafts have a limit together: what is filed is the town's to keep.
        await desk.quotas.release(file.id, home)
    return slot, file


def _attachment(file: StoredFile) -> Attachment:
    return Attachment(file_id=file.id, kind=file.kind, bytes=file.bytes, added_at=file.added_at)


async def _forget(file_id: str, home: Home, desk: Desk) -> None:
    await desk.intake.files.drop(file_id, home)
    await desk.quotas.release(file_id, home)

"""Which slots of a request may be filled when, and what becomes of one whose document was infected."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.requests.domain.refusals import NotFiledYet
from services.requests.domain.requests import Request
from services.requests.domain.stored_files import StoredFile
from shared.contracts.requests_files import FileInfected


def check_attachable(request: Request, slot_id: str, zone: ZoneInfo) -> None:
    """A draft's slots; of a filed request those the town asks for anew, and those the antivirus emptied.

    Raises `AlreadyFiled`, with the instant in the town's zone.
    """
    asked = request.state == "waiting_for_family" and slot_id in request.asked_slots
    if not asked and slot_id not in request.emptied_slots:
        request.check_draft(zone)


def check_writable(request: Request) -> None:
    """Files go with the messages of a filed request. Raises `NotFiledYet`."""
    if not request.filed_at:
        raise NotFiledYet()


def holds(request: Request, file: StoredFile) -> bool:
    """The file is in its slot, or goes with a message, and its removal was not told yet."""
    if file.slot:
        kept = request.attachments.get(file.slot)
        return kept is not None and kept.file_id == file.id
    return file.is_taken and file.id not in request.emptied_slots


def without_infected(request: Request, file: StoredFile, now: datetime) -> tuple[Request, FileInfected]:
    """The request without the file, its slot to be filled again, and what is told of it."""
    slot = file.slot
    name = next((one.name for one in request.category.slots if one.id == slot), "")
    told = FileInfected(
        request_id=request.id,
        household_id=request.household_id,
        municipality_id=request.municipality_id,
        category_name=request.category.name,
        slot_name=name,
        is_filed=request.filed_at is not None,
    )
    others = {one: attachment for one, attachment in request.attachments.items() if one != slot}
    emptied = {**request.emptied_slots, slot or file.id: now}
    return replace(request, attachments=others, emptied_slots=emptied, version=request.version + 1), told

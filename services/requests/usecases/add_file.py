"""Somebody sends a file to go with a message about a request; no message names it yet."""

from typing import Protocol

from services.requests.domain.attaching import check_writable
from services.requests.domain.files import Home
from services.requests.domain.requests import Request
from services.requests.domain.stored_files import StoredFile
from services.requests.usecases.receive_file import Arrival, Intake, Upload, receive_file


class Room(Protocol):
    async def check_room(self, home: Home) -> None: ...


async def add_file(request: Request, upload: Upload, *, account_id: str, intake: Intake, room: Room) -> StoredFile:
    """Raises `NotFiledYet`, `TooManyFiles`, `Unavailable`, and what `receive_file` raises."""
    check_writable(request)
    home = Home(household_id=request.household_id, municipality_id=request.municipality_id, request_id=request.id)
    await room.check_room(home)
    intake.announced(upload)
    arrival = Arrival.at(home, "", account_id)
    with intake.inspections.place():
        try:
            return await receive_file(upload, arrival, intake)
        except BaseException:
            await intake.files.drop(arrival.file_id, home)
            raise

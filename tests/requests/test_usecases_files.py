"""How a file comes in, and how the antivirus looks at it, on ports made by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.requests.app.spool import DiskSpools
from services.requests.domain.file_refusals import TooManyFiles
from services.requests.domain.files import FILE_BYTES, Home, Kind
from services.requests.domain.refusals import (
    AlreadyFiled,
    DeclaredKindDiffers,
    FileKindRefused,
    FilesQuotaReached,
    FileUnreadable,
    NotFiledYet,
)
from services.requests.domain.requests import Attachment, Request
from services.requests.domain.stored_files import FIRST_WAIT, LONGEST_WAIT, StoredFile
from services.requests.usecases.add_file import add_file
from services.requests.usecases.attach_file import Desk, attach_file
from services.requests.usecases.inspections import Inspections
from services.requests.usecases.receive_file import Intake, Upload
from services.requests.usecases.scan_files import AntivirusAway, ScanDesk, scan_next
from services.requests.usecases.spools import Spool
from shared.contracts import Event
from shared.errors import Conflict, NotFound, TooLarge, Unavailable
from tests.requests.filing_cabinet import Drawer, pieces, quarantined, whole
from tests.requests.samples import DRAFT, HOUSEHOLD, NOW, PARIS, SCAN, pdf, picture

READY = replace(DRAFT, attachments={"piece-identite": SCAN})
FILED = replace(READY, state="filed", filed_at=NOW)


class Towns:
    async def zone(self, municipality_id: str) -> ZoneInfo:
        return PARIS


@dataclass
class Requests:
    """One request, and what was written to it."""

    kept: Request
    told: list[Event] = field(default_factory=list)
    changed_meanwhile: bool = False

    async def of_household(self, request_id: str, household_id: str) -> Request:
        if (request_id, household_id) != (self.kept.id, self.kept.household_id):
            raise NotFound()
        return self.kept

    async def attach(self, request: Request, slot_id: str, attachment: Attachment) -> Attachment | None:
        if self.changed_meanwhile:
            raise Conflict()
        self.kept = replace(request, attachments={**request.attachments, slot_id: attachment})
        return request.attachments.get(slot_id)

    async def save_emptied(self, request: Request, file: StoredFile, event: Event, at: datetime) -> None:
        if self.changed_meanwhile:
            raise Conflict()
        self.kept = request
        self.told.append(event)


class Room:
    """The room files take."""

    def __init__(self, quota: int = FILE_BYTES) -> None:
        self.taken: dict[str, int] = {}
        self._quota = quota

    async def reserve(self, file_id: str, home: Home, size: int, *, instead_of: str | None, at: datetime) -> None:
        if sum(self.taken.values()) - self.taken.get(instead_of or "", 0) + size > self._quota:
            raise FilesQuotaReached(quota_mb=0)
        self.taken[file_id] = size

    async def settle(self, file_id: str, home: Home, size: int) -> None:
        self.taken[file_id] = size

    async def release(self, file_id: str, home: Home) -> None:
        self.taken.pop(file_id, None)

    async def check_room(self, home: Home) -> None:
        if self._quota == 0:
            raise TooManyFiles(most=0)


def old() -> Drawer:
    return Drawer(files={"fil_scan": b"old"})


def intake(drawer: Drawer, **changes: Any) -> Intake:
    known = {"files": drawer, "inspections": Inspections(), "spools": DiskSpools(), "clock": lambda: NOW}
    return Intake(**{**known, **changes})


async def attached(
    data: bytes,
    *,
    requests: Requests,
    drawer: Drawer,
    room: Room | None = None,
    declared: str = Kind.PDF,
    slot: str = "piece-identite",
    household_id: str = HOUSEHOLD,
    **changes: Any,
) -> StoredFile:
    taken = intake(drawer, **changes)
    desk = Desk(requests=requests, quotas=room or Room(), towns=Towns(), intake=taken)
    upload = Upload(declared=declared, chunks=pieces(data, 7), size=len(data))
    _, file = await attach_file("req_1", slot, upload, household_id=household_id, account_id="acc_parent", desk=desk)
    return file


async def test_a_file_sent_in_small_pieces_is_kept_whole_under_a_random_name() -> None:
    requests, drawer, room = Requests(DRAFT), Drawer(), Room()

    file = await attached(pdf(), requests=requests, drawer=drawer, room=room)

    assert drawer.files == {file.id: pdf()}
    assert room.taken == {file.id: len(pdf())}
    assert requests.kept.attachments["piece-identite"].file_id == file.id
    assert (file.state, file.scanned, file.place) == ("clean", False, "slot:piece-identite")


async def test_a_new_file_takes_the_place_of_the_old_one() -> None:
    drawer, room = old(), Room(quota=len(pdf()) + 10)
    room.taken = {"fil_scan": 100}

    file = await attached(pdf(), requests=Requests(READY), drawer=drawer, room=room)

    assert set(drawer.files) == set(room.taken) == {file.id}


async def test_what_is_kept_of_an_image_is_what_counts() -> None:
    sent, drawer, room = picture("PNG") + b"\0" * 5_000, Drawer(), Room()

    file = await attached(sent, requests=Requests(DRAFT), drawer=drawer, room=room, declared=Kind.PNG)

    assert file.bytes == len(drawer.files[file.id]) == room.taken[file.id] < len(sent)


@pytest.mark.parametrize(
    ("data", "declared", "refusal"),
    [
        (b"<html></html>" * 10, Kind.PDF, FileKindRefused),
        (b"abc", Kind.PDF, FileKindRefused),
        (b"", Kind.PDF, FileKindRefused),
        (pdf(), Kind.PNG, DeclaredKindDiffers),
        (b"%PDF-1.7 <html></html>", Kind.PDF, FileUnreadable),
    ],
)
async def test_a_refused_file_leaves_no_trace(data: bytes, declared: str, refusal: type[Exception]) -> None:
    requests, drawer, room = Requests(READY), old(), Room()

    with pytest.raises(refusal):
        await attached(data, requests=requests, drawer=drawer, room=room, declared=declared)

    assert requests.kept == READY
    assert (drawer.files, room.taken) == ({"fil_scan": b"old"}, {})


async def test_a_file_for_a_request_filed_meanwhile_leaves_no_trace() -> None:
    drawer, room = old(), Room()

    with pytest.raises(Conflict):
        await attached(pdf(), requests=Requests(DRAFT, changed_meanwhile=True), drawer=drawer, room=room)

    assert (drawer.files, room.taken) == ({"fil_scan": b"old"}, {})


async def test_a_file_that_no_room_is_left_for_is_not_even_received() -> None:
    drawer = old()

    with pytest.raises(FilesQuotaReached):
        await attached(pdf(), requests=Requests(DRAFT), drawer=drawer, room=Room(quota=10))

    assert drawer.files == {"fil_scan": b"old"}


async def test_a_wrong_kind_is_refused_at_its_first_bytes() -> None:
    received = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal received
        while True:
            received += 1
            yield b"<html>"

    desk = Desk(requests=Requests(DRAFT), quotas=Room(), towns=Towns(), intake=intake(Drawer()))
    upload = Upload(declared=Kind.PDF, chunks=endless())

    with pytest.raises(FileKindRefused):
        await attach_file("req_1", "courrier", upload, household_id=HOUSEHOLD, account_id="acc_parent", desk=desk)

    assert received == 3


async def test_a_body_without_end_is_refused_at_the_limit() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield pdf()
        while True:
            yield b"\0" * 100_000

    desk = Desk(requests=Requests(DRAFT), quotas=Room(), towns=Towns(), intake=intake(Drawer(), most_bytes=1_000_000))
    upload = Upload(declared=Kind.PDF, chunks=endless())

    with pytest.raises(TooLarge):
        await attach_file("req_1", "courrier", upload, household_id=HOUSEHOLD, account_id="acc_parent", desk=desk)


@pytest.mark.parametrize(("slot", "household"), [("photo", HOUSEHOLD), ("courrier", "hsh_durand")])
async def test_a_slot_or_request_that_is_not_there_is_not_found(slot: str, household: str) -> None:
    with pytest.raises(NotFound):
        await attached(pdf(), requests=Requests(DRAFT), drawer=Drawer(), slot=slot, household_id=household)


async def test_a_filed_request_takes_no_file() -> None:
    with pytest.raises(AlreadyFiled):
        await attached(pdf(), requests=Requests(FILED), drawer=Drawer())


@pytest.mark.parametrize(
    "request_",
    [
        replace(FILED, state="waiting_for_family", asked_slots=("courrier",)),
        replace(FILED, emptied_slots={"courrier": NOW}),
    ],
    ids=["asked for anew", "emptied by the antivirus"],
)
async def test_a_slot_asked_for_anew_is_filled_and_takes_no_room_of_drafts(request_: Request) -> None:
    requests, drawer, room = Requests(request_), Drawer(), Room()

    await attached(pdf(), requests=requests, drawer=drawer, room=room, slot="courrier")

    assert "courrier" in requests.kept.attachments
    assert room.taken == {}
    with pytest.raises(AlreadyFiled):
        await attached(pdf(), requests=requests, drawer=drawer, slot="piece-identite")


async def test_more_uploads_than_are_taken_at_a_time_are_asked_to_come_back() -> None:
    inspections = Inspections(bodies=1)

    with inspections.place(), pytest.raises(Unavailable):
        await attached(pdf(), requests=Requests(DRAFT), drawer=Drawer(), inspections=inspections)

    assert await attached(pdf(), requests=Requests(DRAFT), drawer=Drawer(), inspections=inspections)


async def test_a_picture_that_grows_beyond_the_limit_is_refused() -> None:
    class Growing(Inspections):
        async def kept_of(self, sent: Spool, kind: Kind, drawn: Spool) -> Spool:
            await drawn.write(b"x" * 5_001)
            return drawn

    room = Room()

    with pytest.raises(TooLarge):
        await attached(
            pdf(), requests=Requests(DRAFT), drawer=Drawer(), room=room, inspections=Growing(), most_bytes=5_000
        )

    assert room.taken == {}


async def test_one_decoder_is_at_work_at_a_time() -> None:
    inspections, spools = Inspections(decoders=1), DiskSpools()
    with spools.new() as one, spools.new() as other, spools.new() as drawn:
        for spool in (one, other):
            await spool.write(pdf())
        await asyncio.gather(*(inspections.kept_of(spool, Kind.PDF, drawn) for spool in (one, other)))
        assert await whole(one.pieces()) == pdf()


# --- files of messages ----------------------------------------------------------------------------------------------


async def added(request: Request, drawer: Drawer, quota: int = FILE_BYTES) -> StoredFile:
    upload = Upload(declared=Kind.PDF, chunks=pieces(pdf()), size=len(pdf()))
    return await add_file(request, upload, account_id="acc_agent", intake=intake(drawer), room=Room(quota))


async def test_a_file_for_a_message_waits_until_one_names_it() -> None:
    drawer = Drawer()

    file = await added(FILED, drawer)

    assert (file.place, file.account_id, drawer.files[file.id]) == ("", "acc_agent", pdf())


async def test_a_draft_has_no_messages() -> None:
    with pytest.raises(NotFiledYet):
        await added(DRAFT, Drawer())


async def test_files_for_messages_have_a_limit() -> None:
    with pytest.raises(TooManyFiles):
        await added(FILED, Drawer(), quota=0)


# --- the antivirus --------------------------------------------------------------------------------------------------


@dataclass
class Antivirus:
    verdict: str = ""
    is_away: bool = False
    read: bytes = b""

    async def finding(self, chunks: AsyncIterator[bytes]) -> str:
        self.read = await whole(chunks)
        if self.is_away:
            raise AntivirusAway()
        return self.verdict


def scan_desk(drawer: Drawer, requests: Requests, antivirus: Antivirus, now: datetime = NOW) -> ScanDesk:
    return ScanDesk(
        antivirus=antivirus, records=drawer, files=drawer, requests=requests, slots=requests, clock=lambda: now
    )


def waiting(**changes: Any) -> Drawer:
    return Drawer(files={"fil_scan": pdf()}, known={"fil_scan": quarantined(**changes)})


async def test_with_an_antivirus_a_file_waits_in_quarantine() -> None:
    file = await attached(pdf(), requests=Requests(DRAFT), drawer=Drawer(), guarded=True)

    assert (file.state, file.scan_after) == ("quarantined", NOW)


async def test_a_clean_file_is_let_through_once_it_was_looked_at() -> None:
    drawer, antivirus = waiting(), Antivirus()
    desk = scan_desk(drawer, Requests(READY), antivirus)

    assert [await scan_next(desk), await scan_next(desk)] == ["clean", None]
    assert antivirus.read == pdf()
    assert (drawer.known["fil_scan"].state, drawer.known["fil_scan"].scanned) == ("clean", True)


@pytest.mark.parametrize("request_", [READY, FILED], ids=["draft", "filed"])
async def test_an_infected_file_goes_its_slot_is_empty_and_the_family_is_told(request_: Request) -> None:
    drawer, requests = waiting(), Requests(request_)

    assert await scan_next(scan_desk(drawer, requests, Antivirus("Win.Test"))) == "infected"

    assert drawer.files == {}
    assert (drawer.known["fil_scan"].state, drawer.known["fil_scan"].finding) == ("infected", "Win.Test")
    assert (dict(requests.kept.attachments), dict(requests.kept.emptied_slots)) == ({}, {"piece-identite": NOW})
    (told,) = requests.told
    assert told.model_dump() == {
        "request_id": "req_1",
        "household_id": HOUSEHOLD,
        "municipality_id": request_.municipality_id,
        "category_name": "Autoriser une personne",
        "slot_name": "Pièce d'identité",
        "is_filed": request_.filed_at is not None,
    }


async def test_an_infected_file_of_a_message_is_told_once() -> None:
    drawer, requests = waiting(place="message:msg_1"), Requests(FILED)
    await scan_next(scan_desk(drawer, requests, Antivirus("Win.Test")))
    drawer.known["fil_scan"] = replace(drawer.known["fil_scan"], scan_after=NOW)

    await scan_next(scan_desk(drawer, requests, Antivirus("Win.Test")))

    assert [event.model_dump()["slot_name"] for event in requests.told] == [""]
    assert requests.kept.attachments == FILED.attachments


@pytest.mark.parametrize("request_", [DRAFT, replace(READY, id="req_2")], ids=["replaced", "dropped"])
async def test_an_infected_file_nobody_has_any_more_goes_without_a_word(request_: Request) -> None:
    drawer, requests = waiting(), Requests(request_)

    await scan_next(scan_desk(drawer, requests, Antivirus("Win.Test")))

    assert (drawer.files, requests.told) == ({}, [])


async def test_removing_is_taken_up_again_where_it_was_left() -> None:
    drawer, requests = waiting(), Requests(READY, changed_meanwhile=True)

    with suppress(Conflict):
        await scan_next(scan_desk(drawer, requests, Antivirus("Win.Test")))
    requests.changed_meanwhile = False
    again = await scan_next(scan_desk(drawer, requests, Antivirus()))

    assert (again, drawer.files, len(requests.told)) == ("infected", {}, 1)


async def test_nobody_reads_a_file_while_the_antivirus_is_away_however_long() -> None:
    drawer, now, waits = waiting(), NOW, []
    for _ in range(12):
        await scan_next(scan_desk(drawer, Requests(READY), Antivirus(is_away=True), now))
        due = drawer.known["fil_scan"].scan_after
        assert due
        waits.append(due - now)
        now = due

    assert drawer.states() == {"fil_scan": "quarantined"}
    assert (waits[0], waits[1], waits[-1]) == (FIRST_WAIT, FIRST_WAIT * 2, LONGEST_WAIT)


async def test_a_file_dropped_before_it_was_looked_at_is_let_be() -> None:
    drawer = waiting()
    drawer.files.clear()

    assert await scan_next(scan_desk(drawer, Requests(READY), Antivirus())) == "gone"
    assert await scan_next(scan_desk(drawer, Requests(READY), Antivirus(), NOW + timedelta(days=1))) is None

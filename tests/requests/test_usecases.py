"""What each verb loads, decides and saves, on ports made by hand."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.requests.domain.categories import Category
from services.requests.domain.files import FILE_BYTES, Home, Kind
from services.requests.domain.refusals import (
    AlreadyFiled,
    ChildNeeded,
    DeclaredKindDiffers,
    FileKindRefused,
    FilesQuotaReached,
    FileUnreadable,
    TooManyDrafts,
)
from services.requests.domain.requests import MOST_DRAFTS, Attachment, Request
from services.requests.usecases.attach_file import Desk, Upload, attach_file
from services.requests.usecases.file_request import file_request
from services.requests.usecases.inspections import Inspections
from services.requests.usecases.open_draft import open_draft
from shared.errors import Conflict, KeyReused, NotFound, TooLarge, Unavailable
from tests.requests.samples import ANSWERS, CATEGORY, CHILD, DRAFT, HOUSEHOLD, NOW, PARIS, SCAN, TOWN, pdf, picture

READY = replace(DRAFT, attachments={"piece-identite": SCAN})


class Towns:
    async def zone(self, municipality_id: str) -> ZoneInfo:
        return PARIS


class Catalogues:
    async def offered(self, category_id: str, municipality_ids: Any) -> Category:
        if category_id != CATEGORY.id or TOWN not in municipality_ids:
            raise NotFound()
        return CATEGORY


class Households:
    async def children_of(self, household_id: str) -> Mapping[str, str]:
        return {CHILD: "Zoé"} if household_id == HOUSEHOLD else {}


@dataclass
class Requests:
    """One request, and what was written to it."""

    kept: Request | None = None
    drafts: int = 0
    saved: list[Request] = field(default_factory=list)
    keys: dict[str, tuple[Request, str]] = field(default_factory=dict)
    changed_meanwhile: bool = False

    async def add(self, request: Request) -> None:
        self.saved.append(request)

    async def drafts_of(self, household_id: str) -> int:
        return self.drafts

    async def of_household(self, request_id: str, household_id: str) -> Request:
        if not self.kept or (request_id, household_id) != (self.kept.id, self.kept.household_id):
            raise NotFound()
        return self.kept

    async def filed_with(self, household_id: str, key: str) -> tuple[Request, str] | None:
        return self.keys.get(key)

    async def file(self, request: Request, event: Any, *, key: str, fingerprint: str, at: datetime) -> None:
        if self.changed_meanwhile:
            raise Conflict()
        self.keys[key] = (request, fingerprint)
        self.saved.append(request)

    async def attach(self, request: Request, slot_id: str, attachment: Attachment) -> Attachment | None:
        if self.changed_meanwhile:
            raise Conflict()
        self.kept = replace(request, attachments={**request.attachments, slot_id: attachment})
        return request.attachments.get(slot_id)


async def opened(category_id: str = CATEGORY.id, child_id: str | None = CHILD, **changes: Any) -> Request:
    parts: dict[str, Any] = {
        "account_id": "acc_parent",
        "household_id": HOUSEHOLD,
        "municipality_ids": [TOWN],
        "catalogues": Catalogues(),
        "households": Households(),
        "requests": Requests(),
        "clock": lambda: NOW.replace(microsecond=123_456),
    }
    return await open_draft(category_id, child_id, ANSWERS, **{**parts, **changes})


async def test_a_draft_keeps_the_category_as_it_is_now() -> None:
    requests = Requests()

    draft = await opened(requests=requests)

    assert requests.saved == [draft]
    assert (draft.state, draft.category, draft.municipality_id, draft.child_id) == ("draft", CATEGORY, TOWN, CHILD)
    assert draft.created_at == NOW.replace(microsecond=123_000)


async def test_a_category_of_a_town_the_household_has_not_joined_is_not_found() -> None:
    with pytest.raises(NotFound):
        await opened(municipality_ids=["le-val-dore"])


async def test_a_request_about_a_child_names_the_child() -> None:
    with pytest.raises(ChildNeeded):
        await opened(child_id=None)


async def test_a_child_of_another_household_is_not_found() -> None:
    with pytest.raises(NotFound):
        await opened(household_id="hsh_durand")


async def test_drafts_do_not_pile_up() -> None:
    with pytest.raises(TooManyDrafts):
        await opened(requests=Requests(drafts=MOST_DRAFTS))


class Room:
    """Files, and the room they take."""

    def __init__(self, quota: int = FILE_BYTES) -> None:
        self.files: dict[str, bytes] = {"fil_scan": b"old"}
        self.taken: dict[str, int] = {}
        self._quota = quota

    async def write(self, file_id: str, home: Home, data: bytes) -> None:
        self.files[file_id] = data

    async def drop(self, file_id: str, home: Home) -> None:
        self.files.pop(file_id, None)

    async def reserve(self, file_id: str, home: Home, size: int, *, instead_of: str | None, at: datetime) -> None:
        if sum(self.taken.values()) - self.taken.get(instead_of or "", 0) + size > self._quota:
            raise FilesQuotaReached(quota_mb=0)
        self.taken[file_id] = size

    async def settle(self, file_id: str, home: Home, size: int) -> None:
        self.taken[file_id] = size

    async def release(self, file_id: str, home: Home) -> None:
        self.taken.pop(file_id, None)

    async def release_request(self, request_id: str, household_id: str) -> None:
        self.taken.clear()


async def in_pieces(data: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def attached(
    data: bytes,
    *,
    requests: Requests,
    room: Room,
    declared: str = Kind.PDF,
    slot: str = "piece-identite",
    inspections: Inspections | None = None,
    household_id: str = HOUSEHOLD,
) -> Attachment:
    desk = Desk(
        requests=requests,
        files=room,
        quotas=room,
        inspections=inspections or Inspections(),
        towns=Towns(),
        clock=lambda: NOW,
    )
    upload = Upload(declared=declared, chunks=in_pieces(data), size=len(data))
    return (await attach_file("req_1", slot, upload, household_id=household_id, desk=desk))[1]


async def test_a_file_sent_in_small_pieces_is_kept_whole_under_a_random_name() -> None:
    requests, room = Requests(DRAFT), Room()

    attachment = await attached(pdf(), requests=requests, room=room)

    assert room.files[attachment.file_id] == pdf()
    assert room.taken == {attachment.file_id: len(pdf())}
    assert requests.kept
    assert requests.kept.attachments == {"piece-identite": attachment}


async def test_a_new_file_takes_the_place_of_the_old_one() -> None:
    requests, room = Requests(READY), Room(quota=len(pdf()) + 10)
    room.taken = {"fil_scan": 100}

    attachment = await attached(pdf(), requests=requests, room=room)

    assert set(room.files) == set(room.taken) == {attachment.file_id}


async def test_what_is_kept_of_an_image_is_what_counts() -> None:
    sent = picture("PNG") + b"\0" * 5_000
    room = Room()

    attachment = await attached(sent, requests=Requests(DRAFT), room=room, declared=Kind.PNG)

    assert attachment.bytes == len(room.files[attachment.file_id]) == room.taken[attachment.file_id] < len(sent)


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
    requests, room = Requests(READY), Room()

    with pytest.raises(refusal):
        await attached(data, requests=requests, room=room, declared=declared)

    assert requests.kept == READY
    assert (room.files, room.taken) == ({"fil_scan": b"old"}, {})


async def test_a_file_for_a_request_filed_meanwhile_leaves_no_trace() -> None:
    room = Room()

    with pytest.raises(Conflict):
        await attached(pdf(), requests=Requests(DRAFT, changed_meanwhile=True), room=room)

    assert (room.files, room.taken) == ({"fil_scan": b"old"}, {})


async def test_a_file_that_no_room_is_left_for_is_not_even_received() -> None:
    room = Room(quota=10)

    with pytest.raises(FilesQuotaReached):
        await attached(pdf(), requests=Requests(DRAFT), room=room)

    assert room.files == {"fil_scan": b"old"}


async def test_a_wrong_kind_is_refused_at_its_first_bytes() -> None:
    received = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal received
        while True:
            received += 1
            yield b"<html>"

    room = Room()
    desk = Desk(
        requests=Requests(DRAFT), files=room, quotas=room, inspections=Inspections(), towns=Towns(), clock=lambda: NOW
    )

    with pytest.raises(FileKindRefused):
        await attach_file(
            "req_1", "courrier", Upload(declared=Kind.PDF, chunks=endless()), household_id=HOUSEHOLD, desk=desk
        )

    assert received == 3


@pytest.mark.parametrize(("slot", "household"), [("photo", HOUSEHOLD), ("courrier", "hsh_durand")])
async def test_a_slot_or_request_that_is_not_there_is_not_found(slot: str, household: str) -> None:
    with pytest.raises(NotFound):
        await attached(pdf(), requests=Requests(DRAFT), room=Room(), slot=slot, household_id=household)


async def test_a_filed_request_takes_no_file() -> None:
    filed, _ = READY.filed("acc_parent", NOW, PARIS)

    with pytest.raises(AlreadyFiled):
        await attached(pdf(), requests=Requests(filed), room=Room())


async def test_more_uploads_than_fit_in_memory_are_asked_to_come_back() -> None:
    inspections = Inspections(bodies=1)

    with inspections.place(), pytest.raises(Unavailable):
        await attached(pdf(), requests=Requests(DRAFT), room=Room(), inspections=inspections)

    assert await attached(pdf(), requests=Requests(DRAFT), room=Room(), inspections=inspections)


async def test_a_picture_that_grows_beyond_the_limit_is_refused() -> None:
    class Growing(Inspections):
        async def kept_of(self, data: bytes, kind: Kind) -> bytes:
            return b"x" * (FILE_BYTES + 1)

    room = Room()

    with pytest.raises(TooLarge):
        await attached(pdf(), requests=Requests(DRAFT), room=room, inspections=Growing())

    assert room.taken == {}


async def filed(requests: Requests, *, key: str = "key-1", fingerprint: str = "f", room: Room | None = None) -> Request:
    return await file_request(
        "req_1",
        key=key,
        fingerprint=fingerprint,
        account_id="acc_parent",
        household_id=HOUSEHOLD,
        requests=requests,
        quotas=room or Room(),
        towns=Towns(),
        clock=lambda: NOW,
    )


async def test_filing_gives_the_room_of_the_draft_back() -> None:
    room = Room()
    room.taken = {"fil_scan": 1_000}

    assert (await filed(Requests(READY), room=room)).state == "filed"
    assert room.taken == {}


async def test_the_same_key_gets_the_same_answer_and_files_once() -> None:
    requests = Requests(READY)

    first, second = await filed(requests), await filed(requests)

    assert first == second
    assert requests.saved == [first]


async def test_the_same_key_for_something_else_is_refused() -> None:
    requests = Requests(READY)
    await filed(requests)

    with pytest.raises(KeyReused):
        await filed(requests, fingerprint="g")


async def test_two_clicks_at_the_same_moment_get_one_effect() -> None:
    effect, _ = READY.filed("acc_parent", NOW, PARIS)

    class Racing(Requests):
        async def file(self, request: Request, event: Any, *, key: str, fingerprint: str, at: datetime) -> None:
            self.keys[key] = (effect, fingerprint)
            raise Conflict()

    assert await filed(Racing(READY)) == effect


async def test_a_change_between_reading_and_filing_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        await filed(Requests(READY, changed_meanwhile=True))

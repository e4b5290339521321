"""What is left behind goes, what is in use stays; and the checks of live data see the difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.requests.domain.files import QUOTA_BYTES, Home
from services.requests.domain.requests import Attachment, Request
from services.requests.store import QuotaStore, RequestStore
from services.requests.store.invariants import INVARIANTS
from services.requests.usecases.sweep import Swept, sweep
from shared.mongo import Database
from tests.requests.filing_cabinet import cabinet, put, scan
from tests.requests.samples import DRAFT, HOUSEHOLD, PARIS, SCAN, TOWN, pdf

HOME = Home(household_id=HOUSEHOLD, municipality_id=TOWN, request_id="req_1")
# Files carry the instant the driver wrote them: the clock of the sweep is moved, not theirs.
NOW = datetime.now(UTC).replace(microsecond=0)
NEXT_WEEK = NOW + timedelta(days=7)
NEXT_MONTH = NOW + timedelta(days=31)
NOTHING = Swept(drafts=0, files=0, reservations=0)


class World:
    """The stores, and a sweep at an instant."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.requests = RequestStore(db, lambda _: None)
        self.files = cabinet(db)
        self.quotas = QuotaStore(db)

    async def draft(self) -> Request:
        draft = replace(DRAFT, created_at=NOW)
        await self.requests.add(draft)
        attachment = await self.file("fil_scan")
        await self.requests.attach(draft, "piece-identite", attachment)
        return replace(draft, attachments={"piece-identite": attachment}, version=2)

    async def file(self, name: str) -> Attachment:
        await self.quotas.reserve(name, HOME, len(pdf()), instead_of=None, at=NOW)
        await put(self.files, name, added_at=NOW)
        return replace(SCAN, file_id=name, bytes=len(pdf()), added_at=NOW)

    async def submit(self, draft: Request) -> None:
        filed, event = draft.filed("acc_parent", NOW, PARIS)
        await self.requests.file(filed, [event], key="key-1", fingerprint="f", at=NOW)

    async def sweep(self, now: datetime) -> Swept:
        return await sweep(requests=self.requests, files=self.files, quotas=self.quotas, clock=lambda: now)

    async def names(self) -> list[str]:
        return sorted(await self.db["attachments.chunks"].distinct("files_id"))

    async def reserved(self) -> list[str]:
        return [name async for name, _ in self.quotas.reserved(NEXT_MONTH)]


@pytest.fixture
async def world(db: Database) -> World:
    return World(db)


async def test_a_draft_in_use_keeps_its_file_and_its_room(world: World) -> None:
    await world.draft()

    assert await world.sweep(NEXT_WEEK) == NOTHING
    assert (await world.names(), await world.reserved()) == (["fil_scan"], ["fil_scan"])


async def test_a_draft_left_alone_for_a_month_goes_with_all_it_had(world: World) -> None:
    await world.draft()

    assert (await world.sweep(NEXT_MONTH)).drafts == 1
    assert (await world.names(), await world.reserved()) == ([], [])
    assert await world.db["requests"].count_documents({}) == 0


async def test_a_filed_request_stays_and_its_files_are_not_looked_at_again(world: World) -> None:
    await world.submit(await world.draft())

    assert await world.sweep(NEXT_MONTH) == Swept(drafts=0, files=0, reservations=1)
    assert await world.names() == ["fil_scan"]
    assert [name async for name, _ in world.files.loose(NEXT_MONTH)] == []


async def test_a_file_that_a_crash_left_behind_goes_after_a_day(world: World) -> None:
    await world.draft()
    await world.file("fil_orphan")

    assert await world.sweep(NOW + timedelta(hours=1)) == NOTHING
    assert await world.sweep(NEXT_WEEK) == Swept(drafts=0, files=1, reservations=1)
    assert (await world.names(), await world.reserved()) == (["fil_scan"], ["fil_scan"])


async def test_bytes_without_a_file_go_with_the_room_kept_for_them(world: World) -> None:
    await world.quotas.reserve("fil_half", HOME, 10, instead_of=None, at=NOW)
    await world.db["attachments.chunks"].insert_one({"files_id": "fil_half", "n": 0, "data": b"x"})

    assert await world.sweep(NEXT_WEEK) == Swept(drafts=0, files=0, reservations=1)
    assert (await world.names(), await world.reserved()) == ([], [])


async def test_sweeping_again_changes_nothing(world: World) -> None:
    await world.file("fil_orphan")
    await world.sweep(NEXT_WEEK)

    assert await world.sweep(NEXT_WEEK) == NOTHING


# --- checks of live data --------------------------------------------------------------------------------------------


async def broken(db: Database) -> list[str]:
    """The names of the checks that find something."""
    return [name for name, check in INVARIANTS.items() if await check(db)]


async def test_a_sound_database_breaks_no_check(world: World) -> None:
    await world.submit(await world.draft())

    assert await broken(world.db) == []


async def test_a_filed_request_without_its_document_is_seen(world: World) -> None:
    await world.submit(await world.draft())
    await world.db["requests"].update_one({}, {"$set": {"attachments": {}}})

    assert await broken(world.db) == ["a filed request has its mandatory answers and documents"]


async def test_a_document_cut_short_is_seen(world: World) -> None:
    await world.draft()
    await world.db["attachments.files"].update_one({}, {"$set": {"length": 3}})

    assert await broken(world.db) == ["a file that may be read has its bytes"]


async def test_a_document_nothing_is_known_of_is_seen(world: World) -> None:
    await world.draft()
    await world.db["file_records"].update_one({}, {"$set": {"bytes": 3}})

    assert await broken(world.db) == ["a document of a request is there, whole"]


async def test_old_bytes_nothing_is_known_of_are_seen(world: World) -> None:
    await world.draft()
    old = {"_id": "fil_lost", "length": 3, "uploadDate": NOW - timedelta(days=3)}
    await world.db["attachments.files"].insert_one(old)

    assert await broken(world.db) == ["no bytes lie there for nobody"]


async def test_an_infected_file_that_stays_is_seen(world: World) -> None:
    infected = scan("fil_bad", state="infected", gone_at=NOW - timedelta(days=3), scan_after=NOW)
    await world.files.records.add(infected)

    assert await broken(world.db) == ["an infected file does not stay"]


async def test_a_slot_left_out_for_another_document_is_seen(world: World) -> None:
    await world.submit(await world.draft())
    held = {"document_id": "vdc_1", "kind": "insurance", "valid_until": "2027-11-20"}
    await world.db["requests"].update_one({}, {"$set": {"held": {"courrier": held}}})
    assert await broken(world.db) == []

    await world.db["verified_documents"].insert_one(
        {"_id": "vdc_1", "kind": "identity"}, bypass_document_validation=True
    )

    assert await broken(world.db) == ["what was not asked for is what the town has verified"]


async def test_an_old_file_of_no_request_is_seen(world: World) -> None:
    await world.draft()
    await world.file("fil_orphan")
    await world.db["attachments.files"].update_many({}, {"$set": {"uploadDate": NOW - timedelta(days=3)}})

    assert await broken(world.db) == ["no file older than two days belongs to no request"]


async def test_a_draft_nobody_swept_is_seen(world: World) -> None:
    await world.draft()
    await world.db["requests"].update_one({}, {"$set": {"touched_at": NOW - timedelta(days=33)}})

    assert await broken(world.db) == ["no draft outlives its 30 days"]


async def test_a_household_over_its_room_is_seen(world: World) -> None:
    await world.draft()
    await world.db["quotas"].update_one({}, {"$set": {"files.0.bytes": QUOTA_BYTES * 3}})

    assert await broken(world.db) == ["the drafts of a household hold no more than its quota"]


async def test_a_state_its_history_does_not_tell_is_seen(world: World) -> None:
    await world.draft()
    await world.db["requests"].update_one({}, {"$set": {"state": "accepted"}})

    assert "the history of a request ends with its state" in await broken(world.db)

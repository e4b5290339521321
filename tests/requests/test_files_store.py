"""Files on a real MongoDB: sealed in GridFS, found in their own home only, renewed, purged, taken by messages."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from services.requests.app.files import record_older_files
from services.requests.domain.file_refusals import FileInfectedRemoved, FileInQuarantine, FilePurged, TooManyFiles
from services.requests.domain.files import Home
from services.requests.domain.stored_files import MOST_UNTAKEN
from services.requests.store import RequestStore
from services.requests.store.files.vault import CHUNK_BYTES, Unsealable
from shared.errors import NotFound
from shared.mongo import Database
from tests.requests.filing_cabinet import HOME, NEWER_KEY, cabinet, pieces, put, quarantined, read, scan
from tests.requests.samples import DRAFT, HOUSEHOLD, NOW, OTHER_HOUSEHOLD, OTHER_TOWN, SCAN, pdf

LARGE = pdf() + b"%" + b"x" * (5 * CHUNK_BYTES)
ELSEWHERE = [
    replace(HOME, household_id=OTHER_HOUSEHOLD),
    replace(HOME, municipality_id=OTHER_TOWN),
    replace(HOME, request_id="req_2"),
]


async def test_a_file_of_many_chunks_comes_back_whole(db: Database) -> None:
    files = cabinet(db)
    await put(files, data=LARGE)

    assert await read(files) == LARGE


async def test_what_lies_in_the_database_says_nothing(db: Database) -> None:
    await put(cabinet(db), data=LARGE)

    chunks = [chunk["data"] async for chunk in db["attachments.chunks"].find({})]
    record = await db["file_records"].find_one({"_id": "fil_scan"})

    assert not any(b"xxxx" in chunk or b"%PDF" in chunk for chunk in chunks)
    assert record
    assert record["key"].startswith("k1.")


async def test_it_is_an_ordinary_file_of_gridfs(db: Database) -> None:
    await put(cabinet(db), data=LARGE)

    stream = await AsyncIOMotorGridFSBucket(db, "attachments").open_download_stream("fil_scan")

    assert len(await stream.read()) == stream.length > len(LARGE)


@pytest.mark.parametrize("home", ELSEWHERE)
async def test_a_file_is_found_and_dropped_in_its_own_home_only(db: Database, home: Home) -> None:
    files = cabinet(db)
    await put(files)

    with pytest.raises(NotFound):
        await files.open("fil_scan", home)
    await files.drop("fil_scan", home)

    assert await read(files) == pdf()


async def test_a_dropped_file_leaves_no_bytes(db: Database) -> None:
    files = cabinet(db)
    for name in ("fil_1", "fil_2", "fil_3"):
        await put(files, name, HOME if name != "fil_3" else replace(HOME, request_id="req_2"))

    await files.drop("fil_1", HOME)
    await files.drop_request("req_1", HOUSEHOLD)

    for collection, field in (
        ("attachments.chunks", "files_id"),
        ("attachments.files", "_id"),
        ("file_records", "_id"),
    ):
        assert await db[collection].distinct(field) == ["fil_3"]


async def test_bytes_of_a_half_written_file_can_be_dropped(db: Database) -> None:
    files = cabinet(db)
    await db["attachments.chunks"].insert_one({"files_id": "fil_half", "n": 0, "data": b"x"})

    async def cut_off() -> AsyncIterator[bytes]:
        yield LARGE
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await files.write(scan(), cut_off())
    with pytest.raises(FileInQuarantine):
        await files.open("fil_scan", HOME)
    for name in ("fil_half", "fil_scan"):
        await files.drop(name, HOME)

    assert await db["attachments.chunks"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("state", "refusal"),
    [("quarantined", FileInQuarantine), ("infected", FileInfectedRemoved), ("purged", FilePurged)],
)
async def test_only_a_clean_file_is_given_out(db: Database, state: Any, refusal: type[Exception]) -> None:
    files = cabinet(db)
    await put(files, state=state)

    with pytest.raises(refusal):
        await files.open("fil_scan", HOME)


async def test_keys_go_under_the_newest_one_and_the_older_may_be_taken_away(db: Database) -> None:
    await put(cabinet(db))
    both = cabinet(db, NEWER_KEY)

    assert (await both.renew_keys(), await both.renew_keys()) == (1, 0)
    assert await read(cabinet(db, NEWER_KEY.partition(",")[0])) == pdf()
    with pytest.raises(Unsealable):
        await read(cabinet(db))


async def test_a_key_taken_away_too_early_keeps_other_files_from_nothing(db: Database) -> None:
    await put(cabinet(db))
    newer = cabinet(db, NEWER_KEY.partition(",")[0])
    await put(newer, "fil_2")

    assert await newer.renew_keys() == 0
    assert await read(newer, "fil_2") == pdf()


async def test_a_purged_file_leaves_word_and_no_key(db: Database) -> None:
    files = cabinet(db)
    await put(files)

    assert await files.purge_request("req_1", HOUSEHOLD, NOW) == 1

    record = await files.records.one("fil_scan", HOME)
    assert (record.state, record.gone_at, record.key) == ("purged", NOW, "")
    assert await db["attachments.chunks"].count_documents({}) == 0


async def test_files_of_before_are_read_as_they_lie(db: Database) -> None:
    attached = {"piece-identite": replace(SCAN, bytes=len(LARGE))}
    await RequestStore(db, lambda _: None).add(replace(DRAFT, attachments=attached))
    bucket = AsyncIOMotorGridFSBucket(db, "attachments")
    await bucket.upload_from_stream_with_id("fil_scan", "fil_scan", LARGE, metadata=asdict(HOME))
    loose = {**asdict(HOME), "loose": True}
    await bucket.upload_from_stream_with_id("fil_lost", "fil_lost", b"x", metadata=loose)

    for _ in range(2):
        await record_older_files(db)

    files = cabinet(db)
    assert await read(files) == LARGE
    assert (await files.records.one("fil_scan", HOME)).slot == "piece-identite"
    assert (await files.records.one("fil_lost", HOME)).loose


# --- messages -------------------------------------------------------------------------------------------------------


async def test_a_message_takes_the_files_its_writer_sent_and_only_once(db: Database) -> None:
    files = cabinet(db)
    for name in ("fil_1", "fil_2"):
        await put(files, name, place="")

    async def take(place: str, account_id: str = "acc_parent") -> list[str]:
        taken = await files.records.take(["fil_1", "fil_2"], HOME, account_id=account_id, place=place)
        return [one.file_id for one in taken]

    with pytest.raises(NotFound):
        await take("message:msg_1", "acc_agent")
    assert await take("message:msg_1") == await take("message:msg_1") == ["fil_1", "fil_2"]
    with pytest.raises(NotFound):
        await take("message:msg_2")


@pytest.mark.parametrize("home", ELSEWHERE)
async def test_a_message_takes_files_of_its_own_request_only(db: Database, home: Home) -> None:
    files = cabinet(db)
    await put(files, place="")

    with pytest.raises(NotFound):
        await files.records.take(["fil_scan"], home, account_id="acc_parent", place="message:msg_1")


async def test_an_infected_file_goes_with_no_message(db: Database) -> None:
    files = cabinet(db)
    await put(files, place="", state="infected")

    with pytest.raises(FileInfectedRemoved):
        await files.records.take(["fil_scan"], HOME, account_id="acc_parent", place="message:msg_1")


async def test_files_nobody_sends_do_not_pile_up(db: Database) -> None:
    files = cabinet(db)
    for number in range(MOST_UNTAKEN):
        await files.records.add(scan(f"fil_{number}", place=""))

    with pytest.raises(TooManyFiles):
        await files.records.check_room(HOME)
    await files.records.check_room(replace(HOME, request_id="req_2"))


# --- the antivirus --------------------------------------------------------------------------------------------------


async def test_a_file_is_looked_at_by_one_process_at_a_time(db: Database) -> None:
    records = cabinet(db).records
    for name, minutes in (("fil_1", 2), ("fil_2", 1), ("fil_3", -9)):
        await records.add(quarantined(name, scan_after=NOW - timedelta(minutes=minutes)))

    claimed = [await records.claim_scan(NOW) for _ in range(3)]
    again = await records.claim_scan(NOW + timedelta(minutes=6))

    assert [file.id if file else "" for file in claimed] == ["fil_1", "fil_2", ""]
    assert again
    assert again.id == "fil_1"


async def test_a_verdict_that_comes_too_late_changes_nothing(db: Database) -> None:
    files = cabinet(db)
    file = await put(files, state="quarantined")
    await files.purge_request("req_1", HOUSEHOLD, NOW)

    assert not await files.records.keep(file.found_clean(), before="quarantined")
    assert (await files.records.one("fil_scan", HOME)).state == "purged"


async def test_the_file_that_waits_longest_is_known(db: Database) -> None:
    records = cabinet(db).records
    assert await records.quarantined_since() is None

    await records.add(quarantined("fil_1"))
    await records.add(quarantined("fil_2", added_at=NOW - timedelta(hours=1)))

    assert await records.quarantined_since() == NOW - timedelta(hours=1)


async def test_bytes_arrive_in_pieces_of_any_size(db: Database) -> None:
    files = cabinet(db)
    await files.write(scan(bytes=len(LARGE)), pieces(LARGE, 1_000))

    assert await read(files) == LARGE

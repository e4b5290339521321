"""Files in an S3 bucket: sealed before they leave, in parts when they are large, gone when they are dropped."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from services.requests.store import FileStore
from services.requests.store.files import Bucket, S3Blobs
from services.requests.store.files.s3 import PART_BYTES
from shared.errors import NotFound
from shared.mongo import Database
from tests.requests.bucket import Shelf, opened_bucket
from tests.requests.conftest import opened
from tests.requests.filing_cabinet import HOME, cabinet, pieces, put, read, whole
from tests.requests.samples import HOUSEHOLD, pdf

pytest.importorskip("aiobotocore", reason="the optional extra `s3` is not installed")

LARGE = pdf() + b"%" + b"x" * (2 * PART_BYTES)


@dataclass
class InBucket:
    shelf: Shelf
    address: str
    blobs: S3Blobs


@pytest.fixture
async def bucket() -> AsyncIterator[InBucket]:
    async with opened_bucket() as (shelf, address):
        where = Bucket(name="preau", endpoint=address, region="eu-west-3", access_key="id", secret_key="secret")
        blobs = S3Blobs(where)
        yield InBucket(shelf, address, blobs)
        await blobs.close()


def in_bucket(db: Database, bucket: InBucket) -> FileStore:
    return cabinet(db, s3=bucket.blobs)


async def test_a_file_goes_to_the_bucket_and_nothing_of_it_to_the_database(db: Database, bucket: InBucket) -> None:
    files = in_bucket(db, bucket)
    await put(files)

    assert await read(files) == pdf()
    assert list(bucket.shelf.objects) == ["/preau/attachments/fil_scan"]
    assert b"%PDF" not in bucket.shelf.objects["/preau/attachments/fil_scan"]
    assert await db["attachments.chunks"].count_documents({}) == 0


async def test_a_large_file_goes_in_parts(db: Database, bucket: InBucket) -> None:
    files = in_bucket(db, bucket)
    await put(files, data=LARGE)

    assert await read(files) == LARGE
    assert PART_BYTES <= bucket.shelf.largest < PART_BYTES * 1.1
    assert bucket.shelf.parts == {}


async def test_an_upload_that_breaks_off_leaves_no_parts(bucket: InBucket) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(LARGE):
            yield piece
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await bucket.blobs.write("fil_scan", broken())

    assert (bucket.shelf.objects, bucket.shelf.parts) == ({}, {})


async def test_a_dropped_file_is_gone_and_may_be_dropped_again(db: Database, bucket: InBucket) -> None:
    files = in_bucket(db, bucket)
    await put(files)

    await files.drop_request("req_1", HOUSEHOLD)
    await bucket.blobs.drop("fil_scan")

    assert bucket.shelf.objects == {}
    with pytest.raises(NotFound):
        await bucket.blobs.read("fil_scan")


async def test_files_that_were_in_the_database_before_stay_readable(db: Database, bucket: InBucket) -> None:
    await put(cabinet(db), "fil_old")
    files = in_bucket(db, bucket)
    await put(files, "fil_new")

    assert [await read(files, name) for name in ("fil_old", "fil_new")] == [pdf(), pdf()]
    await files.drop("fil_old", HOME)
    assert await db["attachments.chunks"].count_documents({}) == 0


async def test_an_empty_object_comes_back(bucket: InBucket) -> None:
    await bucket.blobs.write("empty", pieces(b""))

    assert await whole(await bucket.blobs.read("empty")) == b""


async def test_the_whole_service_on_a_bucket(db: Database, bucket: InBucket) -> None:
    keys = {"s3_access_key": "id", "s3_secret_key": "secret", "s3_region": "eu-west-3"}
    async with opened(db, s3_bucket="preau", s3_endpoint=bucket.address, **keys) as door:
        request_id = await door.filed()
        path = f"/api/v1/requests/{request_id}/attachments/piece-identite"
        async with door.client.get(path, headers=door.agent()) as answer:
            assert (answer.status, await answer.read()) == (200, pdf())

    assert len(bucket.shelf.objects) == 1

"""Bytes of files in an S3 bucket (or anything that speaks its protocol), a part in memory at a time.

aiobotocore is an optional library: only an installation that sets `REQUESTS_S3_BUCKET` needs it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

from shared.errors import NotFound, Unavailable

PART_BYTES = 5 * 1024 * 1024
"""The smallest a part may be, but the last (S3's own limit)."""
READ_BYTES = 256 * 1024
ABSENT = frozenset({"NoSuchKey", "404", "NoSuchUpload"})


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """`endpoint` is empty for Amazon's own; without keys the machine's own credentials are used."""

    name: str
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""
    prefix: str = "attachments/"


class S3Blobs:
    """`Blobs` in a bucket; the client is made at the first call and closed with the service."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._stack = AsyncExitStack()
        self._made: Any = None

    async def write(self, name: str, chunks: AsyncIterator[bytes]) -> None:
        """In one call when it is small, in parts of 5 MB otherwise."""
        client, where, waiting = await self._client(), self._where(name), bytearray()
        async for chunk in chunks:
            waiting += chunk
            if len(waiting) >= PART_BYTES:
                break
        else:
            await client.put_object(**where, Body=bytes(waiting))
            return
        started = await client.create_multipart_upload(**where)
        where["UploadId"] = started["UploadId"]
        try:
            parts = await _parts(client, where, waiting, chunks)
            await client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        except BaseException:
            # Parts of an upload nobody completes are paid for and shown nowhere.
            with suppress(Exception):
                await client.abort_multipart_upload(**where)
            raise

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Its bytes as they come. Raises `NotFound`."""
        client = await self._client()
        try:
            found = await client.get_object(**self._where(name))
        except Exception as error:
            if _is_absent(error):
                raise NotFound() from None
            raise
        return _chunks(found["Body"])

    async def drop(self, name: str) -> None:
        """Harmless when it is not there: S3 says nothing then."""
        client = await self._client()
        await client.delete_object(**self._where(name))

    async def close(self) -> None:
        self._made = None
        await self._stack.aclose()

    def _where(self, name: str) -> dict[str, Any]:
        return {"Bucket": self._bucket.name, "Key": f"{self._bucket.prefix}{name}"}

    async def _client(self) -> Any:
        """Raises `Unavailable` where the library is not installed."""
        if self._made is None:
            self._made = await self._stack.enter_async_context(_new_client(self._bucket))
        return self._made


def _new_client(bucket: Bucket) -> Any:
    try:
        # Optional: the `s3` extra.
        from aiobotocore.config import AioConfig  # type: ignore[import-untyped]  # it ships no types
        from aiobotocore.session import get_session  # type: ignore[import-untyped]  # it ships no types
    except ImportError:
        raise Unavailable() from None
    keys = {"aws_access_key_id": bucket.access_key, "aws_secret_access_key": bucket.secret_key}
    return get_session().create_client(
        "s3",
        region_name=bucket.region or None,
        endpoint_url=bucket.endpoint or None,
        config=AioConfig(
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path"} if bucket.endpoint else {},
            # What we send is sealed and authenticated already; checksums of the library's own would gather the body.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
        **(keys if bucket.access_key else {}),
    )


async def _parts(
    client: Any, where: dict[str, Any], waiting: bytearray, chunks: AsyncIterator[bytes]
) -> list[dict[str, Any]]:
    """Every part sent, as completing the upload wants them named."""
    parts: list[dict[str, Any]] = []

    async def send() -> None:
        number = len(parts) + 1
        sent = await client.upload_part(**where, PartNumber=number, Body=bytes(waiting))
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        waiting.clear()

    await send()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= PART_BYTES:
            await send()
    if waiting:
        await send()
    return parts


async def _chunks(body: Any) -> AsyncIterator[bytes]:
    async with body as stream:
        while chunk := await stream.read(READ_BYTES):
            yield chunk


def _is_absent(error: Exception) -> bool:
    answer = getattr(error, "response", None) or {}
    return answer.get("Error", {}).get("Code", "") in ABSENT

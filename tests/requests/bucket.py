"""The few calls of S3 the service makes, answered from memory: real requests, signed by the real library."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

ABSENT = "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>"


@dataclass
class Shelf:
    """`parts`: of uploads nobody completed yet; `largest`: the largest body that came in one piece."""

    objects: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    largest: int = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body, name, asked = await request.read(), request.path, request.query
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"):
            return web.Response(status=403)
        self.largest = max(self.largest, len(body))
        if request.method == "PUT":
            return self._put(name, asked.get("uploadId"), int(asked.get("partNumber", "0")), body)
        if request.method == "POST":
            return self._post(name, asked.get("uploadId"))
        if request.method == "DELETE":
            self.parts.pop(asked["uploadId"], None) if "uploadId" in asked else self.objects.pop(name, None)
            return web.Response(status=204)
        found = self.objects.get(name)
        if found is None:
            return web.Response(status=404, text=ABSENT, content_type="application/xml")
        return web.Response(body=found)

    def _put(self, name: str, upload: str | None, number: int, body: bytes) -> web.Response:
        if upload:
            self.parts[upload][number] = body
        else:
            self.objects[name] = body
        return web.Response(headers={"ETag": f'"{number}"'})

    def _post(self, name: str, upload: str | None) -> web.Response:
        if upload is None:
            upload = f"upload-{len(self.parts)}"
            self.parts[upload] = {}
            text = f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
        else:
            parts = self.parts.pop(upload)
            self.objects[name] = b"".join(parts[number] for number in sorted(parts))
            text = "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>"
        return web.Response(text=text, content_type="application/xml")


@asynccontextmanager
async def opened_bucket() -> AsyncIterator[tuple[Shelf, str]]:
    """What it holds, and its address."""
    shelf = Shelf()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", shelf.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        yield shelf, str(server.make_url("")).rstrip("/")

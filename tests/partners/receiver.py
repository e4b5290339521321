"""A partner's machine: keeps what it is sent, and answers what it was told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


class Receiver:
    """`answer` may be replaced; `got` holds path, headers and body of each request, in order of arrival."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[web.Request, bytes], Any] = lambda request, body: web.Response(status=204)
        self.url = ""
        self._came = asyncio.Condition()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._came:
            self.got.append((request.path_qs, dict(request.headers), body))
            self._came.notify_all()
        found = self.answer(request, body)
        response: web.StreamResponse = await found if asyncio.iscoroutine(found) else found
        return response

    async def until(self, count: int) -> list[bytes]:
        """The bodies, once there are that many."""
        async with self._came, asyncio.timeout(10):
            await self._came.wait_for(lambda: len(self.got) >= count)
        return [body for _, _, body in self.got]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.handle)
    server = TestServer(app)
    await server.start_server()
    receiver.url = f"http://127.0.0.1:{server.port}/hook"
    try:
        yield receiver
    finally:
        await server.close()

"""A gateway in front of one upstream that says what it was asked; every other service is unreachable."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.app import build
from services.gateway.proxy import new_session
from services.gateway.settings import Settings
from shared.clock import system_clock
from shared.health import add_health
from tests.callers import Issuer

NOWHERE = "http://127.0.0.1:9"
FRONT_END = "https://familles.example"


@dataclass
class Upstream:
    """Answers every request with 200 and remembers what it saw."""

    seen: list[web.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.bodies.append(await request.read())
        if request.path.endswith("/pdf"):
            return await _large(request)
        answer = web.json_response({"path": request.path_qs}, headers={"X-Kept": "yes", "Connection": "keep-alive"})
        if request.path.startswith("/oauth/"):
            answer.set_cookie("session", "of-claire")
        return answer


async def _large(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/pdf"})
    await response.prepare(request)
    for _ in range(64):
        await response.write(b"x" * 4096)
    await response.write_eof()
    return response


@dataclass
class Door:
    """The gateway, its upstream and who signs tokens."""

    client: TestClient[Any, Any]
    upstream: Upstream
    issuer: Issuer

    def guardian(self) -> dict[str, str]:
        return self.issuer.guardian("hsh_1", "sainte-aurore")


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    upstream, issuer = Upstream(), Issuer(system_clock)
    await issuer.start()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", upstream.answer)
    server = TestServer(app)
    await server.start_server()
    # A name, as services have on Kubernetes: cookies of bare addresses are never kept.
    base = str(server.make_url("").with_host("localhost")).rstrip("/")
    settings = Settings(
        http_port=0,
        jwks_url=issuer.jwks_url,
        identity_url=base,
        reservations_url=base,
        billing_url=base,
        notifications_url=NOWHERE,
        requests_url=NOWHERE,
        partners_url=NOWHERE,
        cors_origins=FRONT_END,
        address_rate=20,
        body_limit_mb=1,
    )
    async with new_session() as session:
        gateway = build(settings=settings, session=session, tokens=issuer.tokens(), clock=system_clock)
        add_health(gateway, {})
        async with TestClient(TestServer(gateway)) as client:
            yield Door(client, upstream, issuer)
    await server.close()
    await issuer.stop()

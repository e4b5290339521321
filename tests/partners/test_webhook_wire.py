"""The client that calls addresses others chose: nobody leads it inside, on, or into reading for ever."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from services.partners.app.webhooks.wire import Wire
from services.partners.domain.webhooks.addresses import Address, Reach, address_of
from services.partners.domain.webhooks.deliveries import Attempt, Failure
from tests.partners.receiver import Receiver, receiving

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SHORT = aiohttp.ClientTimeout(total=0.1)


class Names(AbstractResolver):
    """Answers each question with the next of the answers, the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(hostname=host, host=one, port=port, family=_family(one), proto=0, flags=0) for one in found
        ]

    async def close(self) -> None:
        """Nothing is open."""


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Door:
    """A machine inside: counts whoever connects."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0

    async def open(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[Door]:
    door = Door()
    server = await asyncio.start_server(door.open, "127.0.0.1", 0)
    door.port = server.sockets[0].getsockname()[1]
    async with server:
        yield door


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@asynccontextmanager
async def wired(
    reach: Reach, names: AbstractResolver | None = None, within: aiohttp.ClientTimeout = SHORT
) -> AsyncIterator[Wire]:
    wire = Wire(reach, names, within)
    async with wire.running(None):
        yield wire


async def post(wire: Wire, url: str, reach: Reach, body: bytes = b"{}") -> Attempt:
    return await wire.post(address_of(url, reach), {"webhook-id": "evt_1"}, body, NOW)


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["8.8.8.8", "127.0.0.1"],
        ["2a01:e0a::1", "fd00::1"],
    ],
)
async def test_a_name_that_leads_inside_is_not_connected_to(inside: Door, answer: list[str]) -> None:
    reach = Reach(ports=frozenset({inside.port}))
    async with wired(reach, Names(answer)) as wire:
        tried = await post(wire, f"https://partner.fr:{inside.port}/", reach)

    assert tried.failure is Failure.ADDRESS
    assert inside.connections == 0


async def test_a_name_that_changes_its_mind_is_looked_at_at_every_connection(inside: Door) -> None:
    reach = Reach(ports=frozenset({inside.port}), inside=False)
    names = Names(["2a01:e0a::1", "10.0.0.7"], ["127.0.0.1"])
    async with wired(reach, names) as wire:
        tried = [await post(wire, f"https://partner.fr:{inside.port}/", reach) for _ in range(2)]

    assert [one.failure for one in tried] == [Failure.ADDRESS, Failure.ADDRESS]
    assert (names.asked, inside.connections) == (2, 0)


async def test_an_address_that_slipped_through_the_reading_is_stopped_at_the_socket(inside: Door) -> None:
    reach = Reach(ports=frozenset({inside.port}))
    address = Address(url=f"http://127.0.0.1:{inside.port}/", scheme="http", host="127.0.0.1", port=inside.port)
    async with wired(reach) as wire:
        tried = await wire.post(address, {}, b"{}", NOW)

    assert tried.failure is Failure.ADDRESS
    assert inside.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_leads_it_on(inside: Door, receiver: Receiver, status: int) -> None:
    reach = Reach(inside=True)
    receiver.answer = lambda request, body: web.Response(
        status=status, headers={"Location": f"http://127.0.0.1:{inside.port}/latest/meta-data/"}
    )
    async with wired(reach, within=aiohttp.ClientTimeout(total=5)) as wire:
        tried = await post(wire, receiver.url, reach)

    assert (tried.status, tried.taken) == (status, False)
    assert (len(receiver.got), inside.connections) == (1, 0)


async def test_no_proxy_of_the_environment_is_asked(
    inside: Door, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{inside.port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{inside.port}")
    reach = Reach(inside=True)
    async with wired(reach, within=aiohttp.ClientTimeout(total=5)) as wire:
        tried = await post(wire, receiver.url, reach)

    assert tried.taken
    assert inside.connections == 0


async def test_what_is_sent_arrives_byte_for_byte_with_its_headers(receiver: Receiver) -> None:
    reach = Reach(inside=True)
    async with wired(reach, within=aiohttp.ClientTimeout(total=5)) as wire:
        tried = await post(wire, f"{receiver.url}?town=%C3%A9&x=a%2Fb", reach, '{"é": 1}'.encode())

    [(path, headers, body)] = receiver.got
    assert tried.taken
    assert path == "/hook?town=%C3%A9&x=a%2Fb"
    assert body == '{"é": 1}'.encode()
    assert (headers["webhook-id"], headers["Content-Type"]) == ("evt_1", "application/cloudevents+json")
    assert "Cookie" not in headers


async def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    async def endless(request: web.Request, _: bytes) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    receiver.answer = endless
    reach = Reach(inside=True)
    async with wired(reach, within=aiohttp.ClientTimeout(total=5)) as wire:
        tried = await post(wire, receiver.url, reach)

    assert (tried.status, tried.excerpt) == (200, "x" * 500)


async def test_a_bomb_is_not_unpacked_and_bytes_are_shown_as_text(receiver: Receiver) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    receiver.answer = lambda request, body: web.Response(body=bomb, headers={"Content-Encoding": "gzip"}, status=500)
    reach = Reach(inside=True)
    async with wired(reach, within=aiohttp.ClientTimeout(total=5)) as wire:
        tried = await post(wire, receiver.url, reach)

    assert tried.status == 500
    assert len(tried.excerpt) <= 500
    assert "\x00" not in tried.excerpt
    assert "\x1b" not in tried.excerpt


async def test_a_receiver_says_how_long_to_wait(receiver: Receiver) -> None:
    reach = Reach(inside=True)
    async with wired(reach, within=aiohttp.ClientTimeout(total=5)) as wire:
        waits = []
        for said in ("120", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "1e9", "９"):
            receiver.answer = lambda request, body, said=said: web.Response(status=503, headers={"Retry-After": said})
            waits.append((await post(wire, receiver.url, reach)).retry_after)

    assert waits == [120, 0, 0, 0, 0]


async def test_a_receiver_that_does_not_answer_is_not_waited_for_for_ever(receiver: Receiver) -> None:
    answered = asyncio.Event()

    async def never(request: web.Request, _: bytes) -> web.Response:
        await answered.wait()
        return web.Response()

    receiver.answer = never
    reach = Reach(inside=True)
    async with wired(reach) as wire:
        tried = await post(wire, receiver.url, reach)
    answered.set()

    assert (tried.failure, tried.status, tried.taken) == (Failure.TIMEOUT, 0, False)


async def test_why_there_was_no_answer_is_a_word(inside: Door) -> None:
    class Unknown(Names):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            raise OSError(socket.EAI_NONAME, "Name or service not known")

    reach = Reach(inside=True)
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    async with wired(reach, Unknown([]), aiohttp.ClientTimeout(total=5)) as wire:
        unknown = await post(wire, "https://partner.fr/", reach)
        refused = await post(wire, f"http://127.0.0.1:{closed.getsockname()[1]}/", reach)
        broken = await post(wire, f"http://127.0.0.1:{inside.port}/", reach)
        no_tls = await post(wire, f"https://127.0.0.1:{inside.port}/", reach)
    closed.close()

    assert [one.failure for one in (unknown, refused, broken)] == [
        Failure.UNKNOWN_HOST,
        Failure.UNREACHABLE,
        Failure.BROKEN,
    ]
    assert no_tls.failure in {Failure.TLS, Failure.UNREACHABLE}

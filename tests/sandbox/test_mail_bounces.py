"""The stand-in mail server returns what it cannot deliver, as a real one does; and shows pictures that travel along."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from deploy.sandbox.mail.bounces import bouncing, report_of
from deploy.sandbox.mail.inbox import Inbox
from deploy.sandbox.mail.smtp import listening
from services.notifications.domain.delivery_reports import Report, read_returned

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Door:
    """Where reports go; the first try finds nobody."""

    def __init__(self) -> None:
        self.tries = 0
        self.reports: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def take(self, request: web.Request) -> web.Response:
        self.tries += 1
        if self.tries == 1:
            return web.Response(status=404)
        await self.reports.put((request.headers["Bounce-Secret"], await request.read()))
        return web.Response()


@pytest.fixture
async def door() -> AsyncIterator[tuple[Door, str]]:
    app, door = web.Application(), Door()
    app.router.add_post("/bounces", door.take)
    async with TestServer(app) as server:
        yield door, str(server.make_url("/bounces"))


async def test_mail_to_nowhere_comes_back_to_where_it_came_from_until_somebody_takes_it(
    door: tuple[Door, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.sandbox.mail.bounces.PAUSE_SECONDS", 0.0)
    taken, url = door
    inbox = Inbox(lambda: NOW)
    async with bouncing(url, "secret") as bouncer, listening(inbox, "127.0.0.1", 0, bouncer) as port:
        for recipient in ("anna@example.org", "anna@nowhere.example"):
            await aiosmtplib.send(
                b"Subject: x\r\n\r\nx", sender="retours+x@preau.example", recipients=[recipient], port=port
            )
        async with asyncio.timeout(10):
            secret, report = await taken.reports.get()

    assert secret == "secret"
    assert b"To: retours+x@preau.example\r\n" in report
    assert b"\r\nFinal-Recipient: rfc822; anna@nowhere.example\r\nAction: failed\r\nStatus: 5.1.1\r\n" in report
    assert (taken.tries, len(inbox.find())) == (2, 2)


async def test_our_reader_reads_what_it_returns() -> None:

    returned = read_returned(report_of("retours+x@preau.example", "a@full.example", "5.2.2"))

    assert returned.reports == (Report(action="failed", status="5.2.2"),)
    assert "retours+x@preau.example" in returned.addressed


def test_a_picture_that_travels_in_the_mail_is_shown_from_there() -> None:
    mail = EmailMessage(policy=SMTP)
    mail.set_content("x")
    mail.add_alternative('<img src="cid:logo@x">', subtype="html")
    mail.get_body(("html",)).add_related(b"png", "image", "png", cid="<logo@x>")  # type: ignore[union-attr]  # it was just added

    assert '<img src="data:image/png;base64,cG5n">' in Inbox(lambda: NOW).receive([], mail.as_bytes()).html

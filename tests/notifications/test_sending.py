"""The sender against a real mail server of the test, from the claim in MongoDB to the mark."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notifications.app.postman import Postman
from services.notifications.app.sending import Sender
from services.notifications.domain.return_paths import NO_RETURNS, ReturnPaths
from services.notifications.domain.stationery import Stationery
from services.notifications.settings import Settings
from services.notifications.store import CopyStore, MailStore
from services.notifications.store.letter_templates import LetterTemplates
from services.notifications.store.stationery import StationeryStore
from services.notifications.store.troubled_addresses import TroubledAddressStore
from services.notifications.usecases.send_mail import MailRefused, Office, Outcome, ServerDown, send_due_mail
from shared.mongo import Database
from tests.notifications.samples import DOCUMENT, INVITED, NOW, PAID, PDF, TOWN, letterpress, mail


@dataclass
class MailServer:
    """Keeps what it takes; answers as told."""

    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    at_rcpt: str = "250 OK"
    at_data: str = "250 OK"
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802  # the name aiosmtpd looks for
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if self.at_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_rcpt

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd looks for
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        if self.at_data.startswith("250"):
            self.taken.append(envelope.original_content or b"")
            self.recipients += [str(address) for address in envelope.rcpt_tos]
            self.arrived.set()
        return self.at_data

    def connected(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="test", loop=asyncio.get_running_loop(), enable_SMTPUTF8=True)

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[None]:
        server = await asyncio.get_running_loop().create_server(self.connected, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    @property
    def messages(self) -> list[Message]:
        return [message_from_bytes(raw) for raw in self.taken]


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = MailServer()
    async with server.running():
        yield server


@pytest.fixture
async def postman(server: MailServer) -> AsyncIterator[Postman]:
    postman = Postman(settings(server.port))
    yield postman
    await postman.close()


@pytest.fixture
async def mails(db: Database) -> MailStore:
    await CopyStore(db).keep_town(TOWN, 1)
    return MailStore(db, lambda: None)


def settings(port: int) -> Settings:
    return Settings(
        http_port=0,
        jwks_url="",
        mongo_url="",
        mongo_database="",
        amqp_url="",
        smtp_host="127.0.0.1",
        smtp_port=port,
        sender="Préau <ne-pas-repondre@preau.example>",
        portal_url="https://preau.example",
    )


async def send_one(db: Database, mails: MailStore, postman: Postman) -> Outcome:
    outcome, _ = await send_due_mail(office(db, mails, postman))
    return outcome


def office(db: Database, mails: MailStore, postman: Postman, returns: ReturnPaths = NO_RETURNS) -> Office:
    copies = CopyStore(db)
    return Office(
        mails=mails,
        stationeries=StationeryStore(db, copies, LetterTemplates(db), lambda: NOW),
        letterpress=letterpress(),
        postman=postman,
        addresses=TroubledAddressStore(db, lambda _: None),
        copies=copies,
        clock=lambda: NOW,
        returns=returns,
    )


def sender(db: Database, mails: MailStore, postman: Postman, queued: asyncio.Event | None = None) -> Sender:
    return Sender(queued or asyncio.Event(), office=office(db, mails, postman), postman=postman)


async def states(db: Database) -> list[str]:
    return sorted([found["state"] async for found in db["messages"].find()])


async def test_an_invoice_arrives_with_its_pdf(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    await mails.queue([mail(DOCUMENT)])

    assert await send_one(db, mails, postman) is Outcome.SENT

    (arrived,) = server.messages
    assert server.recipients == ["anna@example.org"]
    assert [part.get_payload(decode=True) for part in arrived.walk() if part.get_filename()] == [PDF]
    assert await states(db) == ["sent"]


async def test_due_mails_are_all_sent_over_one_connection(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    await mails.queue([mail(PAID, event_id=f"{number:04}") for number in range(25)])

    assert await sender(db, mails, postman).send_all_due()

    assert len(server.taken) == 25
    assert server.connections == 1
    assert set(await states(db)) == {"sent"}


async def test_two_senders_at_once_send_each_mail_once(db: Database, mails: MailStore, server: MailServer) -> None:
    await mails.queue([mail(PAID, event_id=f"{number:04}") for number in range(20)])
    postmen = [Postman(settings(server.port)) for _ in range(2)]

    await asyncio.gather(*(sender(db, mails, postman).send_all_due() for postman in postmen))
    for postman in postmen:
        await postman.close()

    ids = [message["Message-ID"] for message in server.messages]
    assert len(ids) == len(set(ids)) == 20


async def test_a_mail_sent_but_not_marked_is_sent_again_under_the_same_message_id(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    await mails.queue([mail(PAID)])
    await send_one(db, mails, postman)
    # As a crash between sending and marking leaves it, once the lease is over.
    letter = {"address": "anna@example.org", "name": "", "language": "fr", "event": PAID.model_dump(mode="json")}
    await db["messages"].update_one({}, {"$set": {"state": "claimed", "due_at": NOW, "letter": letter}})

    assert await send_one(db, mails, postman) is Outcome.SENT

    first, second = server.messages
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("refusal", ["550 5.1.1 no such user", "552 too large"])
async def test_an_address_the_server_refuses_for_good_is_set_aside(
    db: Database, mails: MailStore, postman: Postman, server: MailServer, refusal: str
) -> None:
    server.at_rcpt = refusal
    await mails.queue([mail(PAID)])

    assert await send_one(db, mails, postman) is Outcome.REFUSED

    found = await db["messages"].find_one({})
    assert found is not None
    assert (found["state"], found["reason"]) == ("refused", f"smtp-{refusal[:3]}")


async def test_a_mail_the_server_finds_objectionable_is_set_aside(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    server.at_data = "554 5.7.1 spam"
    await mails.queue([mail(PAID)])

    assert await send_one(db, mails, postman) is Outcome.REFUSED


async def test_one_refused_mail_does_not_hold_back_the_others(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    server.at_data = "554 5.7.1 spam"
    await mails.queue([mail(PAID, event_id="0001")])
    await send_one(db, mails, postman)
    server.at_data = "250 OK"
    await mails.queue([mail(PAID, event_id="0002")])

    assert await send_one(db, mails, postman) is Outcome.SENT


@pytest.mark.parametrize(("at_rcpt", "at_data"), [("450 greylisted", "250 OK"), ("250 OK", "451 try later")])
async def test_a_server_that_asks_to_try_later_is_tried_later(
    db: Database, mails: MailStore, postman: Postman, server: MailServer, at_rcpt: str, at_data: str
) -> None:
    server.at_rcpt, server.at_data = at_rcpt, at_data
    await mails.queue([mail(PAID)])

    assert await send_one(db, mails, postman) is Outcome.SERVER_DOWN

    assert await states(db) == ["pending"]


async def test_a_mail_outlives_a_mail_server_that_is_away(db: Database, mails: MailStore) -> None:
    server = MailServer()
    async with server.running():
        away = server.port
    postman = Postman(settings(away))
    await mails.queue([mail(PAID)])
    assert await send_one(db, mails, postman) is Outcome.SERVER_DOWN
    await db["messages"].update_one({}, {"$set": {"due_at": NOW}})

    async with server.running(away):
        assert await send_one(db, mails, postman) is Outcome.SENT
        await postman.close()


async def test_a_dead_mail_server_is_asked_once_per_lane_and_not_for_every_mail(db: Database, mails: MailStore) -> None:
    server = MailServer()
    async with server.running():
        away = server.port
    await mails.queue([mail(PAID, event_id=f"{number:04}") for number in range(20)])

    assert not await sender(db, mails, Postman(settings(away))).send_all_due()

    assert await db["messages"].count_documents({"attempts": {"$gt": 0}}) <= 4


async def test_a_connection_the_server_closed_meanwhile_is_opened_again(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    await postman.send(letterpress().write(mail(INVITED), Stationery(town=TOWN), at=NOW), "anna@example.org")
    await postman.close()

    await postman.send(letterpress().write(mail(PAID), Stationery(town=TOWN), at=NOW), "anna@example.org")

    assert server.connections == 2


async def test_an_unwritable_mail_does_not_stop_the_sender(
    db: Database, mails: MailStore, postman: Postman, server: MailServer
) -> None:
    await mails.queue([mail(PAID, event_id="0001"), mail(PAID, event_id="0002")])
    await db["messages"].update_one({"_id": mail(PAID, event_id="0001").id}, {"$set": {"municipality_id": "atlantis"}})

    await sender(db, mails, postman).send_all_due()

    assert len(server.taken) == 1
    assert await states(db) == ["pending", "sent"]


async def test_the_loop_sends_what_is_queued_while_it_runs_and_finishes_before_it_leaves(
    db: Database, postman: Postman, server: MailServer
) -> None:
    await CopyStore(db).keep_town(TOWN, 1)
    queued = asyncio.Event()
    mails = MailStore(db, queued.set)

    async with asyncio.timeout(20), sender(db, mails, postman, queued).running(web.Application()):
        await mails.queue([mail(PAID)])
        await server.arrived.wait()

    assert await states(db) == ["sent"]


async def test_what_the_postman_raises_names_no_address(server: MailServer, postman: Postman) -> None:
    server.at_rcpt = "550 anna@example.org is unknown"
    written = letterpress().write(mail(PAID), Stationery(town=TOWN), at=NOW)

    with pytest.raises(MailRefused) as refused:
        await postman.send(written, "anna@example.org")

    assert str(refused.value) == "smtp-550"


async def test_a_server_that_refuses_our_own_address_is_no_fault_of_the_mail(
    server: MailServer, postman: Postman
) -> None:
    async def refuse(*_: Any) -> str:
        return "553 sender unknown here"

    server.handle_MAIL = refuse  # type: ignore[attr-defined]  # aiosmtpd looks the hook up by name
    written = letterpress().write(mail(PAID), Stationery(town=TOWN), at=NOW)

    with pytest.raises(ServerDown):
        await postman.send(written, "anna@example.org")

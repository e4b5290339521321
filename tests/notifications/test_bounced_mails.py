"""From a mail that goes to one that comes back: real documents, a real mail server, the routes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.notifications.domain.copies import Recipient
from services.notifications.domain.messages import mail_for
from services.notifications.http.mail_bounces import ROUTES as BOUNCES
from services.notifications.http.parts import RETURNS, Returns
from services.notifications.http.unreachable_addresses import ROUTES as ADDRESSES
from services.notifications.store import CopyStore, MailStore
from services.notifications.store.invariants import INVARIANTS
from services.notifications.store.troubled_addresses import BouncedMails, TroubledAddressStore
from services.notifications.usecases.send_mail import Office, Outcome, send_due_mail
from shared import audit
from shared.audit.trail import Trail
from shared.auth import Role
from shared.mongo import Database
from shared.service import new_app
from tests.callers import Issuer
from tests.notifications.samples import ANNA, HOUSEHOLD, INVITED, LINK, NOW, PAID, RECIPIENT, SERVICE, TOWN, mail, told
from tests.notifications.samples_of_bounces import PATHS, report
from tests.notifications.test_sending import MailServer, Postman, office, settings

SECRET = "s" * 40
AT, ADDRESS = "/api/v1/mail-bounces", "/api/v1/unreachable-addresses"
KEY = PATHS.address_key("anna@example.org")
HERE = {"municipality_id": "sainte-aurore"}


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = MailServer()
    async with server.running():
        yield server


@pytest.fixture
async def desk(db: Database, server: MailServer) -> AsyncIterator[Office]:
    postman = Postman(settings(server.port))
    copies = CopyStore(db)
    await copies.keep_town(TOWN, 1)
    await copies.keep_household(HOUSEHOLD, 1)
    yield office(db, MailStore(db, lambda: None, returns=PATHS), postman, PATHS)
    await postman.close()


@pytest.fixture
async def site(db: Database, issuer: Issuer) -> AsyncIterator[TestClient[Any, Any]]:
    app = new_app("notifications", SERVICE, [*BOUNCES, *ADDRESSES], issuer.tokens(), lambda: NOW)
    app[audit.TRAIL] = Trail("notifications", db, lambda _: None)
    addresses = TroubledAddressStore(db, lambda _: None)
    app[RETURNS] = Returns(
        paths=PATHS, secret=SECRET, bounced=BouncedMails(db), addresses=addresses, copies=CopyStore(db)
    )
    async with TestClient(TestServer(app)) as client:
        yield client


async def sent(desk: Office, event: Any = PAID, number: str = "0001", **recipient: Any) -> Outcome:
    queued = mail(event, event_id=number, **recipient)
    await desk.mails.queue([queued])  # type: ignore[attr-defined]  # the store itself
    return (await send_due_mail(desk))[0]


async def back(site: Any, number: str = "0001", secret: str = SECRET, **how: Any) -> Any:
    raw = report(mail(PAID, event_id=number).id, **how)
    return await site.post(AT, data=raw, headers={"Content-Type": "message/rfc822", "Bounce-Secret": secret})


async def one(db: Database, number: str = "0001") -> dict[str, Any]:
    found = await db["messages"].find_one({"_id": mail(PAID, event_id=number).id})
    assert found is not None
    return found


async def broken(db: Database) -> list[str]:
    return [line for check in INVARIANTS.values() for line in await check(db)]


async def test_a_mail_goes_with_a_way_back_that_names_nobody(desk: Office, server: MailServer, db: Database) -> None:
    froms: list[str] = []

    async def note(_: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:
        froms.append(address)
        envelope.mail_from = address
        return "250 OK"

    server.handle_MAIL = note  # type: ignore[attr-defined]  # aiosmtpd looks the hook up by name
    await sent(desk)

    assert froms == [PATHS.of(mail(PAID, event_id="0001").id)]
    kept = await one(db)
    assert (kept["state"], kept["address_key"]) == ("sent", KEY)
    assert "anna" not in str(kept)


async def test_a_dead_address_is_noted_told_and_left_alone(
    desk: Office, site: Any, issuer: Issuer, db: Database, server: MailServer
) -> None:
    await sent(desk)
    answer = await back(site)
    again = await back(site)
    assert [(await one.json())["verdict"] for one in (answer, again)] == ["dead", "dead"]

    kept = await one(db)
    assert (kept["state"], kept["reason"]) == ("bounced", "5.1.1")
    assert [line["outcome"] for line in kept["tries"]] == ["sent", "bounced"]
    (trouble,) = await db["troubled_addresses"].find().to_list(None)
    assert [entry["type"] for entry in trouble["outbox"]] == ["notifications.address_unreachable.v1"]

    assert await sent(desk, number="0002") is Outcome.REFUSED
    assert (await one(db, "0002"))["reason"] == "address-unreachable"
    assert "letter" not in await one(db, "0002")
    assert await sent(desk, LINK, "0003") is Outcome.SENT
    assert len(server.taken) == 2
    assert await broken(db) == []

    agent = issuer.agent("sainte-aurore", Role.REGISTRAR)
    (shown,) = (await (await site.get(ADDRESS, params=HERE, headers=agent)).json())["items"]
    assert (shown["address_id"], shown["address"], shown["name"]) == (KEY, "anna@example.org", "Anna Martin")
    assert (shown["reason"], shown["household_id"], shown["place"]) == ("unknown_address", "hsh_1", 1)
    family = issuer.guardian("hsh_1", "sainte-aurore")
    assert (await (await site.get(ADDRESS, headers=family)).json())["items"] == [shown]

    assert (await site.delete(f"{ADDRESS}/{KEY}", headers=family)).status == 204
    assert await sent(desk, number="0004") is Outcome.SENT
    assert (await site.delete(f"{ADDRESS}/{KEY}", headers=family)).status == 404


async def test_who_may_see_and_mend(desk: Office, site: Any, issuer: Issuer, db: Database) -> None:
    await sent(desk)
    await back(site)
    stranger, elsewhere = issuer.guardian("hsh_2", "sainte-aurore"), issuer.agent("le-val-dore", Role.MANAGER)
    there = {"municipality_id": "le-val-dore"}

    assert (await (await site.get(ADDRESS, headers=stranger)).json())["items"] == []
    assert (await site.delete(f"{ADDRESS}/{KEY}", headers=stranger)).status == 404
    assert (await (await site.get(ADDRESS, params=there, headers=elsewhere)).json())["items"] == []
    assert (await site.get(ADDRESS, params=HERE, headers=elsewhere)).status == 403
    assert (await site.delete(f"{ADDRESS}/{KEY}", params=there, headers=elsewhere)).status == 404
    editor = issuer.agent("sainte-aurore", Role.EDITOR)
    assert (await site.get(ADDRESS, params=HERE, headers=editor)).status == 403
    assert (await site.get(ADDRESS)).status == 401
    registrar = issuer.agent("sainte-aurore", Role.REGISTRAR)
    assert (await site.delete(f"{ADDRESS}/{KEY}", params=HERE, headers=registrar)).status == 204


async def test_a_changed_address_is_a_new_one(desk: Office, site: Any, issuer: Issuer, db: Database) -> None:
    await sent(desk)
    await back(site)
    moved = replace(HOUSEHOLD, guardians=(replace(ANNA, email="anna@elsewhere.example"),))
    await CopyStore(db).keep_household(moved, 2)

    family = issuer.guardian("hsh_1", "sainte-aurore")
    assert (await (await site.get(ADDRESS, headers=family)).json())["items"] == []
    reader = replace(RECIPIENT, address="anna@elsewhere.example")
    assert await sent(desk, number="0002", recipient=reader) is Outcome.SENT


async def test_a_server_that_knows_at_once_says_as_much_as_a_bounce(
    desk: Office, server: MailServer, db: Database
) -> None:
    server.at_rcpt = "550 5.1.1 no such user"
    assert await sent(desk) is Outcome.REFUSED
    server.at_rcpt = "250 OK"
    assert await sent(desk, number="0002") is Outcome.REFUSED
    assert len(server.taken) == 0

    server.at_rcpt = "554 5.7.1 we do not like you"
    other = {"recipient": Recipient(id="grd_2", address="leo@example.org", name="", language="fr")}
    assert await sent(desk, number="0003", **other) is Outcome.REFUSED
    server.at_rcpt = "250 OK"
    assert await sent(desk, number="0004", **other) is Outcome.SENT


async def test_a_bounced_invitation_is_seen_by_the_town_and_tried_whenever_it_is_sent_again(
    desk: Office, site: Any, issuer: Issuer, db: Database
) -> None:
    invited = Recipient(id="ivt_1", address="anna@example.org", name="", language="fr")
    queued = mail_for(told(INVITED, event_id="0001"), invited)
    await desk.mails.queue([queued])  # type: ignore[attr-defined]  # the store itself
    await send_due_mail(desk)
    raw = report(queued.id)
    await site.post(AT, data=raw, headers={"Content-Type": "message/rfc822", "Bounce-Secret": SECRET})

    agent = issuer.agent("sainte-aurore", Role.MANAGER)
    (shown,) = (await (await site.get(ADDRESS, params=HERE, headers=agent)).json())["items"]
    assert (shown["household_id"], shown["address"]) == ("", "")
    assert await sent(desk, INVITED, "0002") is Outcome.SENT


async def test_the_door_is_for_the_mail_server_and_for_mails_of_ours(desk: Office, site: Any, db: Database) -> None:
    await sent(desk)
    kind = {"Content-Type": "message/rfc822"}

    assert (await back(site, secret="")).status == 404
    assert (await back(site, secret="wrong" * 8)).status == 404
    assert (await back(site, number="0009")).status == 404
    forged = report(mail(PAID, event_id="0001").id).replace(b"retours+", b"retours+a")
    assert (await site.post(AT, data=forged, headers={**kind, "Bounce-Secret": SECRET})).status == 404
    assert (await site.post(AT, data=b"", headers={**kind, "Bounce-Secret": SECRET})).status == 422
    assert (await site.post(AT, json={}, headers={"Bounce-Secret": SECRET})).status == 415
    large = report(mail(PAID, event_id="0001").id, status="4.2.2", action="delayed") + b"x" * 3_000_000
    answer = await site.post(AT, data=BytesIO(large), headers={**kind, "Bounce-Secret": SECRET})
    assert (await answer.json())["verdict"] == "later"
    assert await db["troubled_addresses"].count_documents({}) == 0
    assert (await one(db))["state"] == "sent"

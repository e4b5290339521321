"""Notifications on devices, opened as a browser does; SMS, of which nothing is said but the id."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import http_ece
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from services.notifications.app.couriers import Courier
from services.notifications.app.sms import LoggedSms, Sms
from services.notifications.app.web_push import VapidKey, WebPush
from services.notifications.domain.devices import Device, PushServices
from services.notifications.domain.short_words import SMS_LENGTH
from services.notifications.store import CopyStore, MailStore
from services.notifications.store.preferences import DeviceStore
from services.notifications.usecases.carry import NotCarried, ProviderDown
from shared.mongo import Database
from shared.open_internet import LeadsInside, OpenResolver
from tests.notifications.samples import ANNA, CATALOGUES, HOUSEHOLD, INVOICED, NOW, TOWN, told
from tests.notifications.samples_by_town import DISRUPTED
from tests.notifications.telling import DEVICE, planned

KEY = VapidKey(base64.urlsafe_b64encode(b"k" * 32).rstrip(b"=").decode(), "mailto:operators@preau.example")


def in_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """Has keys only it knows, and a push service that answers as told."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[dict[str, Any]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append({"headers": dict(request.headers), "body": await request.read(), "path": request.path})
        self.arrived.set()
        return web.Response(status=self.status, headers=self.headers)

    def opened(self, body: bytes) -> dict[str, str]:
        plain = http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        said: dict[str, str] = json.loads(plain)
        return said

    def device(self, endpoint: str) -> Device:
        public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return replace(DEVICE, endpoint=endpoint, p256dh=in_base64url(public), auth=in_base64url(self.auth))


@pytest.fixture
async def browser() -> Browser:
    return Browser()


@pytest.fixture
async def endpoint(browser: Browser) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/{path:.*}", browser.answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/send/abc"))


def push(devices: Any, *, services: PushServices | None = None) -> WebPush:
    return WebPush(
        devices=devices,
        services=services or PushServices(hosts=("127.0.0.1",), private=True),
        key=KEY,
        catalogues=CATALOGUES,
        portal_url="https://preau.example",
    )


@pytest.fixture
async def devices(db: Database, browser: Browser, endpoint: str) -> DeviceStore:
    store = DeviceStore(db)
    await store.keep(browser.device(endpoint))
    return store


async def carry(carrier: WebPush, event: Any = INVOICED) -> None:
    (mail,) = planned(told(event), devices=[DEVICE], ways=("push",))
    try:
        await carrier.carry(mail, TOWN, NOW)
    finally:
        await carrier.close()


async def test_only_the_browser_reads_what_it_is_told(browser: Browser, devices: DeviceStore) -> None:
    await carry(push(devices))

    (seen,) = browser.seen
    said = browser.opened(seen["body"])
    assert (said["title"], said["body"], said["url"]) == (
        "Sainte-Aurore",
        "Nouvelle facture",
        "https://preau.example/factures",
    )
    assert b"facture" not in seen["body"]
    assert "70,49" not in json.dumps(said)


async def test_the_push_service_knows_who_asks_and_how_much_it_hurries(browser: Browser, devices: DeviceStore) -> None:
    await carry(push(devices))
    await carry(push(devices), DISRUPTED)

    first, second = (one["headers"] for one in browser.seen)
    assert Vapid02.verify(first["Authorization"])
    assert first["Authorization"].endswith(f"k={KEY.public}")
    assert (first["Content-Encoding"], first["TTL"]) == ("aes128gcm", "172800")
    assert (first["Urgency"], second["Urgency"]) == ("normal", "high")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(browser: Browser, devices: DeviceStore, status: int) -> None:
    browser.status = status

    with pytest.raises(NotCarried, match=f"push-{status}"):
        await carry(push(devices))

    assert await devices.by_id(DEVICE.id) is None


@pytest.mark.parametrize(("status", "after"), [(429, "120"), (503, "soon"), (500, "")])
async def test_a_push_service_that_is_busy_is_asked_later(
    browser: Browser, devices: DeviceStore, status: int, after: str
) -> None:
    browser.status, browser.headers = status, {"Retry-After": after}

    with pytest.raises(ProviderDown) as down:
        await carry(push(devices))

    assert down.value.pause == (timedelta(seconds=120) if after == "120" else timedelta())


@pytest.mark.parametrize("status", [301, 302, 307, 400, 413])
async def test_nobody_follows_where_a_push_service_leads(browser: Browser, devices: DeviceStore, status: int) -> None:
    browser.status, browser.headers = status, {"Location": "http://127.0.0.1:1/inside"}

    with pytest.raises(NotCarried, match=f"push-{status}"):
        await carry(push(devices))

    assert len(browser.seen) == 1


async def test_an_address_that_became_unallowed_is_not_called(browser: Browser, devices: DeviceStore) -> None:
    with pytest.raises(NotCarried, match="push-address"):
        await carry(push(devices, services=PushServices()))

    assert browser.seen == []


async def test_a_push_service_that_is_away_is_asked_later(db: Database, browser: Browser) -> None:
    await DeviceStore(db).keep(browser.device("http://127.0.0.1:1/send"))

    with pytest.raises(ProviderDown):
        await carry(push(DeviceStore(db)))


async def test_keys_no_browser_made_are_refused_for_good(db: Database, endpoint: str) -> None:
    await DeviceStore(db).keep(replace(DEVICE, endpoint=endpoint))

    with pytest.raises(NotCarried, match="device-keys"):
        await carry(push(DeviceStore(db)))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "64:ff9b::7f00:1", "fd00::1"])
async def test_a_name_that_leads_inside_leads_nowhere(address: str) -> None:
    class Rebinding:
        async def resolve(self, host: str, port: int, family: Any) -> list[dict[str, Any]]:
            return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    with pytest.raises(LeadsInside):
        await OpenResolver(Rebinding()).resolve("fcm.googleapis.com", 443)  # type: ignore[arg-type]  # made by hand


async def test_the_loop_tells_a_device_what_is_queued(db: Database, browser: Browser, devices: DeviceStore) -> None:
    await CopyStore(db).keep_town(TOWN, 1)
    queued = asyncio.Event()
    store = MailStore(db, queued.set, channel="push")
    courier = Courier(queued, deliveries=store, towns=CopyStore(db), carrier=push(devices), clock=lambda: NOW)

    async with asyncio.timeout(20), courier.running(web.Application()):
        await store.queue(planned(told(INVOICED), devices=[DEVICE]))
        await browser.arrived.wait()

    assert await db["messages"].distinct("state") == ["sent"]


# --- SMS -----------------------------------------------------------------------------------------------------------


@dataclass
class Provider:
    sent: list[tuple[str, str, str]] = field(default_factory=list)

    async def send(self, number: str, words: str, message_id: str) -> None:
        self.sent.append((number, words, message_id))


async def sms(gateway: Any, phone: str) -> None:
    anna = replace(ANNA, channels=("sms",), phone=phone)
    (mail,) = planned(told(DISRUPTED), household=replace(HOUSEHOLD, guardians=(anna,)), ways=("sms",))
    await Sms(gateway, CATALOGUES, "https://preau.example").carry(mail, TOWN, NOW)


async def test_an_sms_says_the_town_and_what_it_is_about_in_one_piece() -> None:
    provider = Provider()

    await sms(provider, "+33 6 39 98 00 01")

    ((number, words, _),) = provider.sent
    assert number == "+33639980001"
    assert words.startswith("Sainte-Aurore - Jours annulés")
    assert len(words) <= SMS_LENGTH


@pytest.mark.parametrize("phone", ["bonjour", "12", "06 39 98 00 01\r\nHost: x", "+336; rm -rf", "1" * 40])
async def test_what_is_no_number_is_called_by_nobody(phone: str) -> None:
    provider = Provider()

    with pytest.raises(NotCarried, match="number-unusable"):
        await sms(provider, phone)

    assert provider.sent == []


async def test_the_log_knows_no_number_and_no_words() -> None:
    with structlog.testing.capture_logs() as logged:
        await sms(LoggedSms(), "06 39 98 00 01")

    assert [one["event"] for one in logged] == ["sms_logged"]
    assert "9980001" not in str(logged).replace(" ", "")
    assert "annul" not in str(logged)

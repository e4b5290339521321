"""Notifications on devices: encrypted for the browser (RFC 8291), signed for its push service (RFC 8292)."""

import asyncio
import base64
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]  # ships no types
from pywebpush import WebPusher  # type: ignore[import-untyped]  # ships no types

from services.notifications.domain.channel_refusals import PushServiceRefused
from services.notifications.domain.copies import Town
from services.notifications.domain.devices import Device, PushServices
from services.notifications.domain.messages import Channel, Mail
from services.notifications.domain.short_words import USEFUL_FOR, is_urgent, push_words
from services.notifications.usecases.carry import NotCarried, ProviderDown
from shared.i18n import Catalogues
from shared.open_internet import LeadsInside, OpenResolver

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)
SIGNED_FOR = timedelta(hours=12)
GONE = (404, 410)
LATER = (408, 425, 429)
LONGEST_PAUSE = timedelta(hours=1)


class Devices(Protocol):
    async def by_id(self, device_id: str) -> Device | None: ...
    async def drop(self, device_id: str) -> bool: ...


class VapidKey:
    """The key push services know this installation by. `private`: 32 bytes in base64url; `subject`: `mailto:…` or an
    https address where their operators reach ours. Raises `ValueError` for another key.
    """

    def __init__(self, private: str, subject: str) -> None:
        self._key = Vapid02.from_raw(private.encode())
        self._subject = subject

    @property
    def public(self) -> str:
        """What a browser needs to register (`applicationServerKey`), in base64url."""
        raw = self._key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def headers(self, endpoint: str, at: datetime) -> dict[str, str]:
        parts = urlsplit(endpoint)
        until = int((at + SIGNED_FOR).timestamp())
        signed: dict[str, str] = self._key.sign(
            {"aud": f"{parts.scheme}://{parts.netloc}", "exp": until, "sub": self._subject}
        )
        return signed


class WebPush:
    """Posts to push services; a device that is gone is forgotten."""

    channel: Channel = "push"

    def __init__(
        self, *, devices: Devices, services: PushServices, key: VapidKey, catalogues: Catalogues, portal_url: str
    ) -> None:
        self._devices = devices
        self._services = services
        self._key = key
        self._catalogues = catalogues
        self._portal_url = portal_url
        self._session: aiohttp.ClientSession | None = None

    async def carry(self, mail: Mail, town: Town, at: datetime) -> None:
        device = await self._devices.by_id(mail.recipient.id)
        if device is None:
            raise NotCarried("device-removed")
        body = await asyncio.to_thread(self._encrypted, device, mail, town)
        status, pause = await self._post(device.endpoint, body, self._headers(device, mail, at))
        if status in GONE:
            await self._devices.drop(device.id)
            raise NotCarried(f"push-{status}")
        if status in LATER or status >= 500:
            raise ProviderDown(f"push-{status}", pause)
        if not 200 <= status < 300:
            raise NotCarried(f"push-{status}")

    def _encrypted(self, device: Device, mail: Mail, town: Town) -> bytes:
        keys = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
        words = push_words(mail, town, self._catalogues, self._portal_url)
        try:
            body: bytes = WebPusher(keys).encode(words)["body"]
        except Exception:
            # Whatever the library raises for keys no browser made.
            raise NotCarried("device-keys") from None
        return body

    def _headers(self, device: Device, mail: Mail, at: datetime) -> dict[str, str]:
        return {
            **self._key.headers(device.endpoint, at),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(USEFUL_FOR["push"].total_seconds())),
            "Urgency": "high" if is_urgent(mail) else "normal",
        }

    async def _post(self, endpoint: str, body: bytes, headers: dict[str, str]) -> tuple[int, timedelta]:
        """The answer's status and how long it asks to wait; its words are nobody's business."""
        try:
            self._services.check(endpoint)
            async with self._opened().post(endpoint, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status, _pause(answer.headers.get("Retry-After", ""))
        except PushServiceRefused:
            raise NotCarried("push-address") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            if isinstance(error.__cause__ or error, LeadsInside) or isinstance(error, LeadsInside):
                raise NotCarried("push-inside") from None
            raise ProviderDown(type(error).__name__) from None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = None if self._services.private else OpenResolver()
            # No cache of names: each connection is judged by the address it really goes to.
            connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=32)
            self._session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, trust_env=False)
        return self._session

    async def close(self) -> None:
        session, self._session = self._session, None
        if session:
            await session.close()


def _pause(seconds: str) -> timedelta:
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 7):
        return timedelta()
    return min(timedelta(seconds=int(seconds)), LONGEST_PAUSE)

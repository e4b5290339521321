"""The channels besides mail put together: preferences, the inbox, devices, SMS, and telling by all of them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from services.notifications.app.couriers import Courier
from services.notifications.app.sms import LoggedSms, Sms
from services.notifications.app.web_push import VapidKey, WebPush
from services.notifications.domain.devices import PushServices
from services.notifications.domain.doors import Doors
from services.notifications.domain.topics import Way
from services.notifications.http.parts import DEVICES, DOORS, PREFERENCES, PUSH, TRAIL_OF_MAILS, WAYS_OFFERED, Push
from services.notifications.settings import Settings
from services.notifications.store import CopyStore, MailStore, MessageStore
from services.notifications.store.preferences import DeviceStore, PreferenceStore
from services.notifications.store.trail import MailTrail
from services.notifications.usecases.telling import Telling
from shared.clock import Clock
from shared.i18n import Catalogues
from shared.mongo import Database

FOLDER = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Channels:
    """`queued`: set when something is queued, by whoever does."""

    telling: Telling
    couriers: Sequence[Courier]
    devices: DeviceStore
    preferences: PreferenceStore

    @property
    def heard(self) -> dict[str, object]:
        """What message handlers need, by the names they have there."""
        return {"telling": self.telling, "devices": self.devices, "preferences": self.preferences}

    def install(self, app: web.Application) -> None:
        for courier in self.couriers:
            app.cleanup_ctx.append(courier.running)


def channels(
    app: web.Application,
    *,
    settings: Settings,
    db: Database,
    copies: CopyStore,
    messages: MessageStore,
    mails_queued: asyncio.Event,
    clock: Clock,
) -> Channels:
    devices, preferences = DeviceStore(db), PreferenceStore(db)
    offered = ways_offered(settings)
    doors = Doors(public_url=settings.public_url, key=settings.signing_key.get_secret_value())
    services = PushServices(
        hosts=tuple(filter(None, map(str.strip, settings.push_hosts.split(",")))), private=settings.push_private
    )
    key = _key(settings)
    queued = {"push": asyncio.Event(), "sms": asyncio.Event()}

    def wake() -> None:
        for event in (mails_queued, *queued.values()):
            event.set()

    telling = Telling(
        messages=messages,
        carried=MailStore(db, wake, clock=clock),
        copies=copies,
        preferences=preferences,
        devices=devices,
        clock=clock,
        offered=offered,
        doors=doors,
    )
    carriers = _carriers(settings, devices, services, key)
    app[PREFERENCES], app[DEVICES], app[DOORS], app[WAYS_OFFERED] = preferences, devices, doors, offered
    app[PUSH] = Push(public_key=key.public if key else "", services=services)
    app[TRAIL_OF_MAILS] = MailTrail(db)
    couriers = [
        Courier(
            queued[carrier.channel],
            deliveries=MailStore(db, wake, channel=carrier.channel, clock=clock),
            towns=copies,
            carrier=carrier,
            clock=clock,
        )
        for carrier in carriers
    ]
    return Channels(telling=telling, couriers=couriers, devices=devices, preferences=preferences)


def _key(settings: Settings) -> VapidKey | None:
    private = settings.vapid_private_key.get_secret_value()
    return VapidKey(private, settings.vapid_subject) if private else None


def _carriers(
    settings: Settings, devices: DeviceStore, services: PushServices, key: VapidKey | None
) -> list[WebPush | Sms]:
    catalogues, portal_url = Catalogues(FOLDER), settings.portal_url
    carriers: list[WebPush | Sms] = []
    if key:
        carriers.append(
            WebPush(devices=devices, services=services, key=key, catalogues=catalogues, portal_url=portal_url)
        )
    if settings.sms_gateway == "log":
        carriers.append(Sms(LoggedSms(), catalogues, portal_url))
    return carriers


def ways_offered(settings: Settings) -> frozenset[Way]:
    """Those this installation has."""
    ways: set[Way] = {"inbox", "mail"}
    if settings.vapid_private_key.get_secret_value():
        ways.add("push")
    if settings.sms_gateway != "none":
        ways.add("sms")
    return frozenset(ways)

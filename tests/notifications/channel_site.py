"""What the routes about channels need, as the application has it."""

from aiohttp import web

from services.notifications.domain.devices import PushServices
from services.notifications.http.parts import DEVICES, DOORS, PREFERENCES, PUSH, TRAIL_OF_MAILS, WAYS_OFFERED, Push
from services.notifications.store.preferences import DeviceStore, PreferenceStore
from services.notifications.store.trail import MailTrail
from shared import audit
from shared.audit.trail import Trail
from shared.mongo import Database
from tests.notifications import telling


def add_channels(app: web.Application, db: Database) -> None:
    app[PREFERENCES], app[DEVICES], app[DOORS] = PreferenceStore(db), DeviceStore(db), telling.DOORS
    app[WAYS_OFFERED] = frozenset({"inbox", "mail", "push"})
    app[PUSH] = Push(public_key="BKey", services=PushServices())
    app[TRAIL_OF_MAILS] = MailTrail(db)
    app[audit.TRAIL] = Trail("notifications", db, lambda _: None)

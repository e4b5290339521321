"""What the handlers need, put into the application by `app.build`, and what several answers have."""

from dataclasses import dataclass

from aiohttp import web
from pydantic import Field

from services.notifications.domain.devices import PushServices
from services.notifications.domain.doors import Doors
from services.notifications.domain.post import Letterpress
from services.notifications.domain.return_paths import ReturnPaths
from services.notifications.domain.topics import Way
from services.notifications.store import CopyStore, MessageStore, NewsStore
from services.notifications.store.enrolments import EnrolmentStore
from services.notifications.store.letter_templates import LetterTemplates
from services.notifications.store.news_files import NewsFileStore
from services.notifications.store.news_readers import NewsReaderStore
from services.notifications.store.preferences import DeviceStore, PreferenceStore
from services.notifications.store.stationery import StationeryStore
from services.notifications.store.trail import MailTrail
from services.notifications.store.troubled_addresses import BouncedMails, TroubledAddressStore
from services.notifications.usecases.news.join import Workshop
from shared.web import Body

COPIES = web.AppKey("copies", CopyStore)
DEVICES = web.AppKey("devices", DeviceStore)
DOORS = web.AppKey("doors", Doors)
PREFERENCES = web.AppKey("preferences", PreferenceStore)
TRAIL_OF_MAILS = web.AppKey("trail_of_mails", MailTrail)
WAYS_OFFERED: web.AppKey[frozenset[Way]] = web.AppKey("ways_offered")
MESSAGES = web.AppKey("messages", MessageStore)
NEWS = web.AppKey("news", NewsStore)
NEWS_FILES = web.AppKey("news_files", NewsFileStore)
NEWS_READERS = web.AppKey("news_readers", NewsReaderStore)
NEWS_WORKSHOP: web.AppKey[Workshop] = web.AppKey("news_workshop")
ENROLMENTS = web.AppKey("enrolments", EnrolmentStore)
LETTERPRESS = web.AppKey("letterpress", Letterpress)
LETTER_TEMPLATES = web.AppKey("letter_templates", LetterTemplates)
STATIONERIES = web.AppKey("stationeries", StationeryStore)


@dataclass(frozen=True, kw_only=True)
class Returns:
    """What mails that come back need; `secret` is what their mail server says."""

    paths: ReturnPaths
    secret: str
    bounced: BouncedMails
    addresses: TroubledAddressStore
    copies: CopyStore


RETURNS = web.AppKey("returns", Returns)


@dataclass(frozen=True, kw_only=True)
class Push:
    """What a browser registers with, and where it may be told. `public_key`: empty when devices are not told here."""

    public_key: str
    services: PushServices


PUSH = web.AppKey("push", Push)


class Page(Body):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: str = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=100)

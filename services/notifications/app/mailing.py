"""Where what mails need is put together: their stationery, their sender, and what comes back."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import jinja2
from aiohttp import web

from services.notifications.app.postman import Postman
from services.notifications.app.sending import Sender
from services.notifications.domain.post import Letterpress
from services.notifications.domain.return_paths import ReturnPaths
from services.notifications.http.parts import LETTER_TEMPLATES, LETTERPRESS, RETURNS, STATIONERIES, Returns
from services.notifications.settings import Settings
from services.notifications.store import CopyStore, MailStore
from services.notifications.store.letter_templates import LetterTemplates
from services.notifications.store.stationery import StationeryStore
from services.notifications.store.troubled_addresses import BouncedMails, TroubledAddressStore
from services.notifications.usecases.send_mail import Office
from shared.clock import Clock
from shared.i18n import Catalogues
from shared.messaging.relay import Relay
from shared.mongo import Database

FOLDER = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Mailing:
    mails: MailStore
    stationeries: StationeryStore
    sender: Sender


def mailing(
    app: web.Application,
    *,
    settings: Settings,
    db: Database,
    relay: Relay,
    copies: CopyStore,
    queued: asyncio.Event,
    clock: Clock,
) -> Mailing:
    """Raises `KeyTooShort` for a signing key that could be guessed."""
    returns = ReturnPaths(address=settings.bounce_address, key=settings.signing_key.get_secret_value())
    returns.of("a mail, so that a key that is too short is noticed now")
    mails = MailStore(db, queued.set, returns=returns)
    troubled = TroubledAddressStore(db, relay.wake)
    templates, press, postman = LetterTemplates(db), letterpress(settings), Postman(settings)
    stationeries = StationeryStore(db, copies, templates, clock)
    office = Office(
        mails=mails,
        stationeries=stationeries,
        letterpress=press,
        postman=postman,
        addresses=troubled,
        copies=copies,
        clock=clock,
        returns=returns,
    )
    app[LETTERPRESS], app[LETTER_TEMPLATES], app[STATIONERIES] = press, templates, stationeries
    secret = settings.bounce_secret.get_secret_value()
    app[RETURNS] = Returns(paths=returns, secret=secret, bounced=BouncedMails(db), addresses=troubled, copies=copies)
    return Mailing(mails=mails, stationeries=stationeries, sender=Sender(queued, office=office, postman=postman))


def letterpress(settings: Settings) -> Letterpress:
    templates = jinja2.FileSystemLoader(FOLDER / "templates")
    return Letterpress(templates, Catalogues(FOLDER), sender=settings.sender, portal_url=settings.portal_url)

"""The sender: takes the mail that is due, writes it, hands it to the mail server, and notes what became of it.

A crash between handing over and noting sends the mail again under the same Message-ID; it never loses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

from services.notifications.domain.bounces import ALWAYS_TRIED, Failure, TroubledAddress, Whose, verdict_of
from services.notifications.domain.delivery_reports import Report
from services.notifications.domain.messages import Mail, pause_after
from services.notifications.domain.post import UnusableAddress
from services.notifications.domain.return_paths import NO_RETURNS, ReturnPaths
from services.notifications.domain.stationery import PLAIN, Stationery
from services.notifications.usecases.hear_bounces import Households, adopt, hold_against, whose_is
from shared.clock import Clock
from shared.contracts import Event


class Outcome(StrEnum):
    NOTHING_DUE = "nothing_due"
    SENT = "sent"
    REFUSED = "refused"
    """The mail server or the address itself says that this mail never arrives."""
    SERVER_DOWN = "server_down"


class MailRefused(Exception):
    """The mail server refuses this mail for good; the message is a code, never an address.

    `status`: what it says of the address (`5.1.1`), empty when the address is not the cause.
    """

    def __init__(self, code: str, status: str = "") -> None:
        super().__init__(code)
        self.status = status


class ServerDown(Exception):
    """The mail server cannot be reached or takes nothing now."""


class Mails(Protocol):
    async def claim(self) -> Mail | None: ...
    async def mark_sent(self, mail: Mail) -> None: ...
    async def mark_refused(self, mail: Mail, reason: str) -> None: ...
    async def mark_unreachable(self, mail: Mail) -> None: ...
    async def put_back(self, mail: Mail, pause: timedelta, reason: str) -> None: ...


class Stationeries(Protocol):
    async def of(self, municipality_id: str) -> Stationery | None: ...


class Writes(Protocol):
    def write(self, mail: Mail, stationery: Stationery, *, at: datetime) -> EmailMessage: ...


class Carries(Protocol):
    async def send(self, message: EmailMessage, address: str, return_path: str = "") -> None:
        """Raises `MailRefused`, `ServerDown`."""


class Addresses(Protocol):
    async def is_unreachable(self, key: str) -> bool: ...
    async def get(self, key: str, whose: Whose) -> TroubledAddress: ...
    async def save(self, address: TroubledAddress, events: Sequence[Event], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Office:
    """What sending needs besides the mail."""

    mails: Mails
    stationeries: Stationeries
    letterpress: Writes
    postman: Carries
    addresses: Addresses
    copies: Households
    clock: Clock
    returns: ReturnPaths = NO_RETURNS


async def send_due_mail(office: Office) -> tuple[Outcome, Mail | None]:
    """One mail, or none when none is due. Any failure leaves the mail waiting for its next try."""
    mails = office.mails
    mail = await mails.claim()
    if mail is None:
        return Outcome.NOTHING_DUE, None
    try:
        if await _is_pointless(mail, office):
            await mails.mark_unreachable(mail)
            return Outcome.REFUSED, mail
        await _send(mail, office)
    except (MailRefused, UnusableAddress) as refusal:
        await mails.mark_refused(mail, str(refusal))
        await _learn(mail, refusal, office)
        return Outcome.REFUSED, mail
    except ServerDown as failure:
        await mails.put_back(mail, pause_after(mail.attempts), str(failure))
        return Outcome.SERVER_DOWN, mail
    except Exception as failure:
        await mails.put_back(mail, pause_after(mail.attempts), type(failure).__name__)
        raise
    await mails.mark_sent(mail)
    return Outcome.SENT, mail


async def _is_pointless(mail: Mail, office: Office) -> bool:
    """Nothing reaches the address; but whoever asked for a link at this moment says that it does."""
    if isinstance(mail.event, ALWAYS_TRIED):
        return False
    key = office.returns.address_key(mail.recipient.address)
    if not await office.addresses.is_unreachable(key):
        return False
    whose = await whose_is(mail.recipient.id, mail.household_id, mail.municipality_id, office.copies)
    await adopt(key, whose, office.clock(), addresses=office.addresses)
    return True


async def _send(mail: Mail, office: Office) -> None:
    stationery = await office.stationeries.of(mail.municipality_id) if mail.municipality_id else PLAIN
    if stationery is None:
        raise LookupError("town")
    message = office.letterpress.write(mail, stationery, at=office.clock())
    await office.postman.send(message, mail.recipient.address, office.returns.of(mail.id))


async def _learn(mail: Mail, refusal: Exception, office: Office) -> None:
    """A server that knows at once that the address does not work says what a bounce would say later."""
    if not isinstance(refusal, MailRefused) or not refusal.status:
        return
    verdict = verdict_of(Report(action="failed", status=refusal.status))
    failure = Failure(mail_id=mail.id, at=office.clock(), status=refusal.status)
    whose = await whose_is(mail.recipient.id, mail.household_id, mail.municipality_id, office.copies)
    key = office.returns.address_key(mail.recipient.address)
    await hold_against(key, whose, failure, verdict, addresses=office.addresses)

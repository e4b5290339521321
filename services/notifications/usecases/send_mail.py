"""The sender: takes the mail that is due, writes it, hands it to the mail server, and notes what became of it.

A crash between handing over and noting sends the mail again under the same Message-ID; it never loses it.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

from services.notifications.domain.copies import PLATFORM, Town
from services.notifications.domain.messages import Mail, pause_after
from services.notifications.domain.post import UnusableAddress
from shared.clock import Clock


class Outcome(StrEnum):
    NOTHING_DUE = "nothing_due"
    SENT = "sent"
    REFUSED = "refused"
    """The mail server or the address itself says that this mail never arrives."""
    SERVER_DOWN = "server_down"


class MailRefused(Exception):
    """The mail server refuses this mail for good; the message is a code, never an address."""


class ServerDown(Exception):
    """The mail server cannot be reached or takes nothing now."""


class Mails(Protocol):
    async def claim(self) -> Mail | None: ...
    async def mark_sent(self, mail: Mail) -> None: ...
    async def mark_refused(self, mail: Mail, reason: str) -> None: ...
    async def put_back(self, mail: Mail, pause: timedelta, reason: str) -> None: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Writes(Protocol):
    def write(self, mail: Mail, town: Town, *, at: datetime) -> EmailMessage: ...


class Carries(Protocol):
    async def send(self, message: EmailMessage, address: str) -> None:
        """Raises `MailRefused`, `ServerDown`."""


async def send_due_mail(
    *, mails: Mails, copies: Copies, letterpress: Writes, postman: Carries, clock: Clock
) -> tuple[Outcome, Mail | None]:
    """One mail, or none when none is due. Any failure leaves the mail waiting for its next try."""
    mail = await mails.claim()
    if mail is None:
        return Outcome.NOTHING_DUE, None
    try:
        await _send(mail, copies, letterpress, postman, clock)
    except (MailRefused, UnusableAddress) as refusal:
        await mails.mark_refused(mail, str(refusal))
        return Outcome.REFUSED, mail
    except ServerDown as failure:
        await mails.put_back(mail, pause_after(mail.attempts), str(failure))
        return Outcome.SERVER_DOWN, mail
    except Exception as failure:
        await mails.put_back(mail, pause_after(mail.attempts), type(failure).__name__)
        raise
    await mails.mark_sent(mail)
    return Outcome.SENT, mail


async def _send(mail: Mail, copies: Copies, letterpress: Writes, postman: Carries, clock: Clock) -> None:
    town = await copies.town(mail.municipality_id) if mail.municipality_id else PLATFORM
    if town is None:
        raise LookupError("town")
    await postman.send(letterpress.write(mail, town, at=clock()), mail.recipient.address)

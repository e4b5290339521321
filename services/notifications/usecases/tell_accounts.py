"""From what identity tells of accounts to the mails their owners get."""

from collections.abc import Sequence
from typing import Protocol

from services.notifications.domain.copies import Recipient
from services.notifications.domain.messages import Mail, mail_for
from shared.contracts import Told
from shared.contracts.identity import LinkIssued


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


async def send_link(told: Told[LinkIssued], *, mails: Mails) -> None:
    """One mail, in the language its reader chose."""
    event = told.event
    reader = Recipient(id=event.link_id, address=event.email, name=event.addressee, language=event.language)
    await mails.queue([mail_for(told, reader)])

"""From what identity noticed about an account to the mails its owner gets, at every address known to be theirs."""

from collections.abc import Sequence
from typing import Protocol

from services.notifications.domain.copies import Recipient
from services.notifications.domain.messages import Mail, mail_for
from shared.contracts import Told
from shared.contracts.identity import SecurityNoticed


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


async def warn_owner(told: Told[SecurityNoticed], *, mails: Mails) -> None:
    """One mail per address; repeated, none more."""
    event = told.event
    readers = [
        Recipient(id=f"{event.notice_id}.{place}", address=address, name=event.addressee, language=event.language)
        for place, address in enumerate(dict.fromkeys(event.emails))
    ]
    await mails.queue([mail_for(told, reader) for reader in readers])

"""The mails about somebody's data, to the address they go by, in the language they chose."""

from collections.abc import Sequence
from typing import Protocol

from services.notifications.domain.copies import Recipient
from services.notifications.domain.messages import Mail, mail_for
from shared.contracts import Told
from shared.contracts.privacy import ErasureReported, ExportReady, InactivityNoticed


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


async def tell_archive_ready(told: Told[ExportReady], *, mails: Mails) -> None:
    event = told.event
    reader = Recipient(id=event.export_id, address=event.email, name=event.addressee, language=event.language)
    await mails.queue([mail_for(told, reader, household_id=event.household_id)])


async def report_erasure(told: Told[ErasureReported], *, mails: Mails) -> None:
    """To every guardian; of no household: there is none any more, and this trail must not go with it unsent."""
    event = told.event
    readers = [
        Recipient(id=f"{event.erasure_id}.{number}", address=email, name=event.addressee, language=event.language)
        for number, email in enumerate(event.emails)
    ]
    await mails.queue([mail_for(told, reader) for reader in readers])


async def warn_inactive(told: Told[InactivityNoticed], *, mails: Mails) -> None:
    event = told.event
    reader = Recipient(id=event.account_id, address=event.email, name=event.addressee, language=event.language)
    await mails.queue([mail_for(told, reader)])

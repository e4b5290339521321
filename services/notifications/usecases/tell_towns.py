"""From what concerns a town's service itself to a mail at the address it gives families."""

from collections.abc import Sequence
from typing import Protocol

from services.notifications.domain.copies import Recipient, Town
from services.notifications.domain.messages import Mail, mail_for
from shared.contracts import Told
from shared.contracts.partners import SubscriptionPaused
from shared.errors import Unavailable


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Mails(Protocol):
    async def queue(self, mails: Sequence[Mail]) -> None: ...


async def tell_town(told: Told[SubscriptionPaused], *, copies: Copies, mails: Mails) -> None:
    """One mail; repeated, none more. Raises `Unavailable` while the town is not known here yet."""
    town = await copies.town(told.event.municipality_id)
    if town is None:
        raise Unavailable()
    if not town.contact_email:
        return
    reader = Recipient(id=f"town.{town.id}", address=town.contact_email, name=town.name, language="fr")
    await mails.queue([mail_for(told, reader)])

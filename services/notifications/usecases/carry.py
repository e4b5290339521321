"""Hands a push or an SMS to whoever carries it, and notes what became of it.

A crash between handing over and noting carries it again; it never loses it. Devices replace the first by the second
(same tag).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from services.notifications.domain.copies import Town
from services.notifications.domain.messages import Channel, Mail, pause_after
from services.notifications.domain.short_words import USEFUL_FOR
from shared.clock import Clock


class Carried(StrEnum):
    NOTHING_DUE = "nothing_due"
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"
    PROVIDER_DOWN = "provider_down"


class NotCarried(Exception):
    """The provider, the device or the number says that this never arrives; the message is a code."""


class ProviderDown(Exception):
    """Nothing can be handed over now. `pause`: how long the provider asked to be left in peace, if it did."""

    def __init__(self, reason: str, pause: timedelta = timedelta()) -> None:
        super().__init__(reason)
        self.pause = pause


class Deliveries(Protocol):
    async def claim(self) -> Mail | None: ...
    async def mark_sent(self, mail: Mail) -> None: ...
    async def mark_refused(self, mail: Mail, reason: str) -> None: ...
    async def mark_expired(self, mail: Mail) -> None: ...
    async def put_back(self, mail: Mail, pause: timedelta, reason: str) -> None: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


class Carrier(Protocol):
    channel: Channel

    async def carry(self, mail: Mail, town: Town, at: datetime) -> None:
        """Raises `NotCarried`, `ProviderDown`."""


async def carry_due(
    *, deliveries: Deliveries, towns: Towns, carrier: Carrier, clock: Clock
) -> tuple[Carried, Mail | None]:
    """One, or none when none is due. Any failure leaves it waiting for its next try."""
    mail = await deliveries.claim()
    if mail is None:
        return Carried.NOTHING_DUE, None
    at = clock()
    if at - mail.told_at > USEFUL_FOR[carrier.channel]:
        await deliveries.mark_expired(mail)
        return Carried.EXPIRED, mail
    try:
        await _carry(mail, towns, carrier, at)
    except NotCarried as refusal:
        await deliveries.mark_refused(mail, str(refusal))
        return Carried.REFUSED, mail
    except ProviderDown as failure:
        await deliveries.put_back(mail, max(pause_after(mail.attempts), failure.pause), str(failure))
        return Carried.PROVIDER_DOWN, mail
    except Exception as failure:
        await deliveries.put_back(mail, pause_after(mail.attempts), type(failure).__name__)
        raise
    await deliveries.mark_sent(mail)
    return Carried.SENT, mail


async def _carry(mail: Mail, towns: Towns, carrier: Carrier, at: datetime) -> None:
    town = await towns.town(mail.municipality_id)
    if town is None:
        raise LookupError("town")
    await carrier.carry(mail, town, at)

"""SMS: any provider behind one method; the one that comes along says in the log that something would have been sent."""

import re
from datetime import datetime
from typing import Protocol

import structlog

from services.notifications.domain.copies import Town
from services.notifications.domain.messages import Channel, Mail
from services.notifications.domain.short_words import sms_words
from services.notifications.usecases.carry import NotCarried
from shared.i18n import Catalogues

log = structlog.get_logger()
# As people type it: a national number, or an international one behind + or 00.
NUMBER = re.compile(r"(?:\+|00)?[0-9]{8,15}")


class SmsGateway(Protocol):
    """A provider of SMS."""

    async def send(self, number: str, words: str, message_id: str) -> None:
        """Return once the provider has taken it to its charge; `message_id` is the same for every try of one SMS.

        `number`: digits, with `+` before an international one. Raises `NotCarried`, `ProviderDown`.
        """


class LoggedSms:
    """Sends nothing: notes the id, never the number nor the words."""

    async def send(self, number: str, words: str, message_id: str) -> None:  # noqa: ARG002  # the number stays unsaid
        log.info("sms_logged", message=message_id, characters=len(words))


class Sms:
    channel: Channel = "sms"

    def __init__(self, gateway: SmsGateway, catalogues: Catalogues, portal_url: str) -> None:
        self._gateway = gateway
        self._catalogues = catalogues
        self._portal_url = portal_url

    async def carry(self, mail: Mail, town: Town, at: datetime) -> None:  # noqa: ARG002  # as every carrier
        number = re.sub(r"[\s.()/-]", "", mail.recipient.address)
        if not NUMBER.fullmatch(number):
            raise NotCarried("number-unusable")
        international = f"+{number[2:]}" if number.startswith("00") else number
        await self._gateway.send(international, sms_words(mail, town, self._catalogues, self._portal_url), mail.id)

    async def close(self) -> None:
        """Nothing is kept open."""

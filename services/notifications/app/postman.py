"""The mail server: one connection, kept for a run of mails and closed when none is left."""

import asyncio
import re
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPRecipientsRefused

from services.notifications.settings import Settings
from services.notifications.usecases.send_mail import MailRefused, ServerDown

# Well below the time a mail stays claimed.
TIMEOUT_SECONDS = 30.0
PERMANENT = range(500, 600)
# Replies that are about the recipient even when they say no more (RFC 5321, 4.2.3).
OF_THE_RECIPIENT = frozenset({550, 551, 553})
STATUS = re.compile(r"\b5\.[0-9]{1,3}\.[0-9]{1,3}\b")
UNSPECIFIED = "5.0.0"
# What comes back need not hold the whole mail, with the invoice of somebody (RFC 3461).
RETURN_HEADERS = ["RET=HDRS"]


class Postman:
    """Hands one mail at a time to the mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: SMTP | None = None
        self._turn = asyncio.Lock()

    async def send(self, message: EmailMessage, address: str, return_path: str = "") -> None:
        """Return once the server has taken the mail to its charge. `return_path`: where it comes back to, the sender
        when empty. Raises `MailRefused`, `ServerDown`.
        """
        async with self._turn:
            try:
                client = await self._connected()
                options = RETURN_HEADERS if return_path and client.supports_extension("dsn") else None
                await client.send_message(
                    message, sender=return_path or None, recipients=[address], mail_options=options
                )
            except (SMTPException, OSError) as error:
                if refused := _final(error):
                    raise refused from None
                self._client = None
                raise ServerDown(type(error).__name__) from error

    async def _connected(self) -> SMTP:
        if self._client is None or not self._client.is_connected:
            client = _client(self._settings)
            await client.connect()
            self._client = client
        return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            with suppress(SMTPException, OSError):
                await client.quit()


def _client(settings: Settings) -> SMTP:
    return aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username or None,
        password=settings.smtp_password or None,
        use_tls=settings.smtp_security == "tls",
        start_tls=True if settings.smtp_security == "starttls" else None,
        timeout=TIMEOUT_SECONDS,
    )


def _final(error: Exception) -> MailRefused | None:
    """The reply that says this mail never arrives, None for anything a later try may mend.

    A refused sender is our own setting, a refused connection the server's state: neither is the mail's fault.
    """
    if isinstance(error, SMTPRecipientsRefused):
        refused = error.recipients
        if refused and all(one.code in PERMANENT for one in refused):
            return MailRefused(f"smtp-{refused[0].code}", _status(refused[0]))
        return None
    if isinstance(error, aiosmtplib.SMTPDataError) and error.code in PERMANENT:
        return MailRefused(f"smtp-{error.code}")
    return None


def _status(refused: SMTPRecipientRefused) -> str:
    """What the reply says of the address, as a bounce would."""
    if said := STATUS.search(refused.message):
        return said.group()
    return UNSPECIFIED if refused.code in OF_THE_RECIPIENT else ""

"""The mail server: one connection, kept for a run of mails and closed when none is left."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused

from services.notifications.settings import Settings
from services.notifications.usecases.send_mail import MailRefused, ServerDown

# Well below the time a mail stays claimed.
TIMEOUT_SECONDS = 30.0
PERMANENT = range(500, 600)


class Postman:
    """Hands one mail at a time to the mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: SMTP | None = None
        self._turn = asyncio.Lock()

    async def send(self, message: EmailMessage, address: str) -> None:
        """Return once the server has taken the mail to its charge. Raises `MailRefused`, `ServerDown`."""
        async with self._turn:
            try:
                client = await self._connected()
                await client.send_message(message, recipients=[address])
            except (SMTPException, OSError) as error:
                code = _final_code(error)
                if code:
                    raise MailRefused(f"smtp-{code}") from None
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


def _final_code(error: Exception) -> int:
    """The reply that says this mail never arrives, 0 for anything a later try may mend.

    A refused sender is our own setting, a refused connection the server's state: neither is the mail's fault.
    """
    if isinstance(error, SMTPRecipientsRefused):
        codes = [refused.code for refused in error.recipients]
        return codes[0] if codes and all(code in PERMANENT for code in codes) else 0
    if isinstance(error, aiosmtplib.SMTPDataError) and error.code in PERMANENT:
        return error.code
    return 0

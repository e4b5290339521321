"""The door for mail programs: plain SMTP without log-in, every recipient accepted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.sandbox.mail.bounces import Bouncer
from deploy.sandbox.mail.inbox import Inbox

# What town halls' providers commonly accept.
MESSAGE_BYTES = 20_000_000

log = structlog.get_logger()


class _Receiver:
    def __init__(self, inbox: Inbox, bouncer: Bouncer | None) -> None:
        self._inbox = inbox
        self._bouncer = bouncer

    async def handle_DATA(  # noqa: N802  # the name aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        recipients = [str(recipient) for recipient in envelope.rcpt_tos]
        message = self._inbox.receive(recipients, raw)
        if self._bouncer:
            self._bouncer.look_at(str(envelope.mail_from or ""), recipients)
        log.info("mail_received", message=message.id, bytes=message.size)
        return f"250 2.0.0 kept as {message.id}"


@asynccontextmanager
async def listening(inbox: Inbox, host: str, port: int, bouncer: Bouncer | None = None) -> AsyncIterator[int]:
    """The port it really listens on."""

    def conversation() -> SMTP:
        loop = asyncio.get_running_loop()
        receiver = _Receiver(inbox, bouncer)
        return SMTP(
            receiver,
            data_size_limit=MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            hostname="sandbox",
            ident="Sandbox",
            loop=loop,
        )

    server = await asyncio.get_running_loop().create_server(conversation, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()

"""The sender's loop: a few mails at a time, woken by a hint after each write, looking by itself every few seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from aiohttp import web
from prometheus_client import Counter

from services.notifications.app.postman import Postman
from services.notifications.domain.messages import Mail
from services.notifications.usecases.send_mail import Office, Outcome, send_due_mail

log = structlog.get_logger()
MAILS = Counter("preau_mails_total", "Tries to send a mail by what became of them", ["outcome"])
# While one mail is on its way to the server the others are claimed, written and marked.
AT_ONCE = 4
POLL_SECONDS = 5.0
SHUTDOWN_SECONDS = 25.0


class Sender:
    """`queued` is set by whoever queues a mail; `running` is a context of the application."""

    def __init__(self, queued: asyncio.Event, *, office: Office, postman: Postman) -> None:
        self._queued = queued
        self._office = office
        self._postman = postman
        self._stopping = False

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Sends until the application leaves, then finishes the mails at hand."""
        loop = asyncio.create_task(self._run())
        yield
        self._stopping = True
        self._queued.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(loop, SHUTDOWN_SECONDS)

    async def _run(self) -> None:
        while not self._stopping:
            self._queued.clear()
            done = await self.send_all_due()
            await self._postman.close()
            await self._pause(hinted=done)

    async def _pause(self, *, hinted: bool) -> None:
        """Until a mail is queued; while something is wrong a new mail is no reason to hurry."""
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                while not self._stopping:
                    await self._queued.wait()
                    if hinted:
                        return
                    self._queued.clear()

    async def send_all_due(self) -> bool:
        """Send what is due now; False when it had to stop before the end."""
        return all(await asyncio.gather(*(self._send_due() for _ in range(AT_ONCE))))

    async def _send_due(self) -> bool:
        try:
            return await self._send_until_none_is_due()
        except Exception:
            # The mail is put back or its claim lapses; the other lanes go on.
            log.exception("mail_failed")
            return False

    async def _send_until_none_is_due(self) -> bool:
        while not self._stopping:
            outcome, mail = await send_due_mail(self._office)
            if mail is None:
                break
            _note(outcome, mail)
            if outcome is Outcome.SERVER_DOWN:
                return False
        return True


def _note(outcome: Outcome, mail: Mail) -> None:
    MAILS.labels(outcome.value).inc()
    say = log.info if outcome is Outcome.SENT else log.warning
    say("mail_tried", outcome=outcome.value, mail=mail.id, topic=mail.event.topic, attempt=mail.attempts)

"""What a mail server does with mail it cannot deliver: it returns a report to where the mail comes from (RFC 3464).

Mail to anybody `@nowhere.example` comes back as to an unknown address, `@full.example` as to a full mailbox; both are
kept and shown like any other.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from uuid import uuid4

import aiohttp
import structlog

log = structlog.get_logger()
STATUS = {"nowhere.example": "5.1.1", "full.example": "5.2.2"}
# The sender may not have noted yet that the mail went.
TRIES = 6
PAUSE_SECONDS = 0.5
GONE_WELL = 300


class Bouncer:
    """Hands reports to `url`, as a mail server's pipe would; without one nothing comes back."""

    def __init__(self, http: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._http = http
        self._url = url
        self._secret = secret
        self._under_way: set[asyncio.Task[None]] = set()

    def look_at(self, sender: str, recipients: Iterable[str]) -> None:
        """Returns at once; the report follows."""
        for recipient in recipients if self._url and sender else ():
            if status := STATUS.get(recipient.rpartition("@")[2].lower()):
                task = asyncio.create_task(self._return(report_of(sender, recipient, status)))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _return(self, report: bytes) -> None:
        headers = {"Content-Type": "message/rfc822", "Bounce-Secret": self._secret}
        for _ in range(TRIES):
            try:
                async with self._http.post(self._url, data=report, headers=headers) as answer:
                    log.info("mail_returned", status=answer.status)
                    if answer.status < GONE_WELL:
                        return
            except aiohttp.ClientError as error:
                log.warning("mail_not_returned", error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()


@asynccontextmanager
async def bouncing(url: str, secret: str) -> AsyncIterator[Bouncer]:
    async with aiohttp.ClientSession() as http:
        bouncer = Bouncer(http, url, secret)
        yield bouncer
        await bouncer.close()


def report_of(sender: str, recipient: str, status: str) -> bytes:
    """The whole mail that comes back to `sender`."""
    report = EmailMessage(policy=SMTP)
    report["From"] = "Mail Delivery System <MAILER-DAEMON@sandbox.example>"
    report["To"] = sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Auto-Submitted"] = "auto-replied"
    boundary = uuid4().hex
    fields = (
        f"Reporting-MTA: dns; sandbox.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        f"Action: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} not delivered\r\n"
    )
    parts = (
        "Content-Type: text/plain\r\n\r\nThe mail could not be delivered.\r\n",
        f"Content-Type: message/delivery-status\r\n\r\n{fields}",
    )
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    kind = f'MIME-Version: 1.0\r\nContent-Type: multipart/report; boundary="{boundary}"\r\n'
    return report.as_bytes().rstrip(b"\r\n") + b"\r\n" + kind.encode() + b"\r\n" + body.encode()

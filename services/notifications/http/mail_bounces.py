"""The door for the mail server: mails that came back."""

import hmac
from typing import Literal

import structlog
from aiohttp import web

from services.notifications.domain.delivery_reports import LARGEST
from services.notifications.http.parts import RETURNS
from services.notifications.usecases.hear_bounces import hear_bounce
from shared.errors import NotFound
from shared.web import ANYONE, CLOCK, Answer, Route, stream_limited

log = structlog.get_logger()
SECRET_HEADER = "Bounce-Secret"
LEAST_SECRET = 32
# As much as mail servers commonly take.
MOST_BYTES = 20 * 1024 * 1024


class Heard(Answer):
    """What the report says of the address: it is dead, this mail failed, the server still tries, the mail rather than
    the address was refused, it arrived after all; or `ignored`, for what is no report.
    """

    verdict: Literal["dead", "failed", "later", "not_the_address", "arrived", "ignored"]


async def hear_mail_bounce(request: web.Request) -> Heard:
    """A mail as it came back, headers first. The mail server says who it is by the header `Bounce-Secret`."""
    returns = request.app[RETURNS]
    _check_secret(request.headers.get(SECRET_HEADER, ""), returns.secret)
    verdict = await hear_bounce(
        await _beginning(request),
        returns=returns.paths,
        bounced=returns.bounced,
        addresses=returns.addresses,
        copies=returns.copies,
        clock=request.app[CLOCK],
    )
    log.info("mail_came_back", verdict=verdict or "ignored")
    return Heard(verdict=verdict or "ignored")


def _check_secret(given: str, secret: str) -> None:
    """Whoever does not know it learns not even that there is a door. Raises `NotFound`."""
    if len(secret) < LEAST_SECRET or not hmac.compare_digest(given.encode(), secret.encode()):
        raise NotFound()


async def _beginning(request: web.Request) -> bytes:
    """What a report says it says early; the mail it returns is let pass unread. Raises `TooLarge`."""
    kept = bytearray()
    async for chunk in stream_limited(request, MOST_BYTES):
        kept += chunk[: LARGEST - len(kept)]
    return bytes(kept)


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/mail-bounces",
        handler=hear_mail_bounce,
        who=ANYONE,
        takes="message/rfc822",
        answer=Heard,
        hidden=True,
    ),
]

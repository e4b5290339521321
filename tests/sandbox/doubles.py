"""A clock that tests move, and a merchant who writes down who calls."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web


class MovableClock:
    def __init__(self) -> None:
        # Real now: eopayment compares what PayFiP tells with its own clock, which cannot be handed to it.
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, step: timedelta) -> None:
        self.now += step


@dataclass
class FakeMerchant:
    """What the payment side of Préau answers: a notification door and a return door."""

    url: str = ""
    status: int = 200
    calls: list[tuple[str, str]] = field(default_factory=list)

    async def take_notification(self, request: web.Request) -> web.Response:
        self.calls.append(("notification", await request.text()))
        return web.Response(status=self.status)

    async def take_return(self, request: web.Request) -> web.Response:
        self.calls.append(("return", request.query_string))
        return web.Response(text="Retour au portail")

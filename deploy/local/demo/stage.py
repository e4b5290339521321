"""What a step does: call the gateway as somebody, print the call and its events, insist on what it expects."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import time
from typing import Any, TypeVar

import aiohttp

from deploy.local.demo.events import Events
from deploy.local.logins import DemoLogin
from deploy.sample.authenticator import code_of, step_of
from shared.ids import uuid7

T = TypeVar("T")
PATIENCE_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.1


class StepFailed(Exception):
    """The running Préau did something else than the journey says."""


class Person:
    """Somebody at a phone or a desk; `token` once signed in."""

    def __init__(self, name: str, token: str = "") -> None:
        self.name = name
        self.token = token


ANONYMOUS = Person("anyone")


class Stage:
    def __init__(
        self, http: aiohttp.ClientSession, addresses: Mapping[str, str], events: Events, say: Callable[[str], None]
    ) -> None:
        self.http = http
        self.gateway = addresses["gateway"]
        self.mail = addresses["mail"]
        self.bank = addresses["payment"]
        self._events = events
        self._say = say

    def heard(self, topic: str) -> list[dict[str, Any]]:
        """Events of that topic heard so far."""
        return [event for event in self._events.heard if event["type"] == topic]

    def tell(self, sentence: str) -> None:
        self._say(f"   {sentence}")

    def insist(self, holds: object, otherwise: str) -> None:
        if not holds:
            raise StepFailed(otherwise)

    async def sign_in(self, name: str, login: DemoLogin) -> Person:
        """With the code of the authenticator app when there is one, as for every agent."""
        body = {"email": login.email, "password": login.password}
        if not login.secret:
            granted = await self.call(ANONYMOUS, "POST", "/sessions", body, status=201)
            return Person(name, granted["access_token"])
        asked = await self.call(ANONYMOUS, "POST", "/sessions", body, status=401)
        return Person(name, await self._second_step(asked["challenge"], login.secret))

    async def _second_step(self, challenge: str, secret: str) -> str:
        """A code serves once: when the present one has, the next one does, which is good already."""

        async def answered(step: int) -> Any:
            body = {"challenge": challenge, "code": code_of(secret, step)}
            return await self.call(ANONYMOUS, "POST", "/sessions/second-factor", body, status=201)

        present = step_of(time())
        try:
            granted = await answered(present)
        except StepFailed:
            granted = await answered(present + 1)
        return str(granted["access_token"])

    async def call(
        self,
        person: Person,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int = 200,
        told: Iterable[str] = (),
        media: str = "application/json",
        key: str = "",
        quiet: bool = False,
    ) -> Any:
        """Call and print; fails unless it answers `status` and each event of `told` was heard because of it."""
        correlation = uuid7()
        headers = {"X-Request-Id": correlation, "Accept-Language": "fr"}
        if person.token:
            headers["Authorization"] = f"Bearer {person.token}"
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        if data is not None:
            headers["Content-Type"] = media
        url = f"{self.gateway}/api/v1{path}"
        async with self.http.request(method, url, data=data, headers=headers) as answer:
            raw = await answer.read()
        found = json.loads(raw) if "json" in answer.content_type else raw
        if not quiet:
            self.tell(f"{person.name}: {method} /api/v1{path} → {answer.status}")
        self.insist(answer.status == status, f"{method} {path} answered {answer.status}, not {status}: {found!r}")
        await self._print_events(correlation, told)
        return found

    async def _print_events(self, correlation: str, told: Iterable[str]) -> None:
        wanted = list(told)
        try:
            for event in await self._events.until(correlation, wanted):
                self.tell(f"   event {event['type']} ({event['subject']})")
        except TimeoutError:
            heard = sorted(event["type"] for event in self._events.caused_by(correlation))
            raise StepFailed(f"expected the events {wanted}, heard {heard}") from None

    async def eventually(
        self, what: str, look: Callable[[], Awaitable[T | None]], seconds: float = PATIENCE_SECONDS
    ) -> T:
        """What `look` finds, looked for again until it is there; fails, naming `what`, when it never is."""
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            found = await look()
            if found:
                return found
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        raise StepFailed(f"{what} did not come about within {seconds:.0f} s")

    async def mail_to(self, address: str, words: str) -> dict[str, Any]:
        """The newest mail to an address whose subject contains `words`; waits for it."""
        query = {"to": address, "subject": words, "wait": str(int(PATIENCE_SECONDS))}
        async with self.http.get(f"{self.mail}/api/messages", params=query) as answer:
            messages = (await answer.json())["messages"]
        self.insist(messages, f"no mail about “{words}” came")
        self.tell(f"   mail  {messages[0]['subject']}")
        mail: dict[str, Any] = messages[0]
        return mail

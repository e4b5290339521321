"""Who calls the gateway: anybody, a parent, an agent; each signs in again when the clock has outrun the session."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp

from deploy.sample.authenticator import code_of, step_of
from shared.clock import Clock
from shared.ids import uuid7

JSON, CSV, FORM = "application/json", "text/csv", "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"
PASSWORD = "quatre girafes sous la pluie"


@dataclass(frozen=True, kw_only=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None


@dataclass(frozen=True, kw_only=True)
class Door:
    """One address that answers HTTP."""

    http: aiohttp.ClientSession
    url: str

    async def ask(
        self, method: str, path: str, body: Any = None, *, media: str = JSON, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """`body`: bytes as they are, anything else as JSON; `path` follows `/api/v1` unless it starts with it."""
        sent = {"Accept-Language": "fr", **(headers or {})}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None and media:
            sent.setdefault("Content-Type", media)
        address = path if path.startswith(("/api/", "/.well-known", "/docs", "/oauth/")) else f"/api/v1{path}"
        # A file rather than bytes: aiohttp warns of large bytes, which keep the loop busy.
        content = None if data is None else BytesIO(data)
        async with self.http.request(
            method, f"{self.url}{address}", data=content, headers=sent, allow_redirects=False
        ) as answer:
            return Answered(status=answer.status, headers=dict(answer.headers), content=await answer.read())


@dataclass(kw_only=True)
class Person:
    """Somebody at a phone or a desk; nobody in particular without an address."""

    door: Door
    clock: Clock
    email: str = ""
    password: str = PASSWORD
    token: str = ""
    token_ends: float = 0
    secret: str = ""
    """Of an authenticator app: agents have one."""
    last_step: int = 0

    async def ask(
        self, method: str, path: str, body: Any = None, *, key: str = "", media: str = JSON, **headers: str
    ) -> Answered:
        """Whatever the answer is. A key of `new` is made up."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.email:
            sent["Authorization"] = f"Bearer {await self.access_token()}"
        if key:
            sent["Idempotency-Key"] = uuid7() if key == "new" else key
        return await self.door.ask(method, path, body, media=media, headers=sent)

    async def get(self, path: str) -> Any:
        return self._done(await self.ask("GET", path))

    async def post(self, path: str, body: Any = None, *, key: str = "", media: str = JSON) -> Any:
        return self._done(await self.ask("POST", path, body, key=key, media=media))

    async def refused(
        self, status: int, method: str, path: str, body: Any = None, *, key: str = "", media: str = JSON
    ) -> Any:
        """The problem document of an answer that has to be a refusal with this status."""
        answer = await self.ask(method, path, body, key=key, media=media)
        assert answer.status == status, f"{method} {path} answered {answer.status}: {answer.content!r}"
        assert answer.headers["Content-Type"].startswith(PROBLEM)
        return answer.json

    def _done(self, answer: Answered) -> Any:
        assert answer.status < 300, f"{answer.status}: {answer.content.decode()}"
        return answer.json

    async def access_token(self) -> str:
        if self.clock().timestamp() >= self.token_ends:
            self.signed_in(await self.new_session())
        return self.token

    async def new_session(self) -> Any:
        """Signed in with everything that is asked for."""
        answer = await self.door.ask("POST", "/sessions", {"email": self.email, "password": self.password})
        if answer.status == 401 and self.secret:
            proof = {"challenge": answer.json["challenge"], "code": self.code()}
            answer = await self.door.ask("POST", "/sessions/second-factor", proof)
        return self._done(answer)

    async def add_app(self) -> None:
        """An authenticator app for the session just opened, which is strong from then on."""
        self.secret = (await self.post("/me/totp"))["secret"]
        self.signed_in((await self.post("/me/totp/confirmation", {"code": self.code()}))["session"])

    def code(self) -> str:
        """One that has not served: those of the half minutes before and after are good too."""
        present = step_of(self.clock().timestamp())
        self.last_step = max(present - 1, self.last_step + 1)
        assert self.last_step <= present + 1, "three sign-ins in half a minute: let the clock go on"
        return code_of(self.secret, self.last_step)

    def signed_in(self, session: Any) -> None:
        self.token = session["access_token"]
        self.token_ends = self.clock().timestamp() + session["expires_in"]


@dataclass(kw_only=True)
class Child:
    id: str
    reference: str
    first_name: str


@dataclass(kw_only=True)
class Family(Person):
    """A parent who registered, and what the services call the household and its children."""

    household_id: str = ""
    reference: str = ""
    children: list[Child] = field(default_factory=list)

    @property
    def child(self) -> Child:
        return self.children[0]

    async def month(self, programme_id: str, month: str, child: Child | None = None) -> Any:
        child = child or self.child
        return await self.get(f"/children/{child.id}/months/{month}?programme_id={programme_id}")

    async def cell(self, programme_id: str, activity_id: str, day: str, child: Child | None = None) -> Any:
        """One activity on one day of the month view."""
        return cell_of(await self.month(programme_id, day[:7], child), activity_id, day)

    async def choose(self, activity_id: str, *days: str, action: str = "book", child: Child | None = None) -> Any:
        """Put days into the cart; the cart after the last."""
        cart = None
        for day in days:
            cart = await self.post("/cart/lines", self.line(activity_id, day, action, child))
        return cart

    def line(self, activity_id: str, day: str, action: str = "book", child: Child | None = None) -> Any:
        return {"child_id": (child or self.child).id, "activity_id": activity_id, "date": day, "action": action}

    async def validate(self, mode: str = "possible", key: str = "new") -> Any:
        return await self.post("/cart/validation", {"mode": mode}, key=key)

    async def book(self, activity_id: str, *days: str, child: Child | None = None) -> Any:
        """Days chosen and validated; what became of them."""
        await self.choose(activity_id, *days, child=child)
        return await self.validate()


def cell_of(view: Any, activity_id: str, day: str) -> Any:
    (row,) = [row for row in view["activities"] if row["activity_id"] == activity_id]
    (found,) = [cell for cell in row["days"] if cell["date"] == day]
    return found

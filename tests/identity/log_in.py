"""An agent and a family signing in at the service, with and without a second factor."""

from dataclasses import dataclass, field
from typing import Any

from deploy.sample.authenticator import code_of, step_of
from shared.auth import Caller
from tests.identity.conftest import Door, bearer
from tests.identity.samples import AURORE, PASSWORD, MovableClock, staff

AGENT = "nora@m.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1"


@dataclass
class Person:
    """Somebody with an account; `headers` of the newest session, `secret` of the app."""

    door: Door
    clock: MovableClock
    email: str
    headers: dict[str, str] = field(default_factory=dict)
    refresh_token: str = ""
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    def opened(self, session: Any) -> None:
        self.headers, self.refresh_token = bearer(session), session["refresh_token"]

    async def password(self, password: str = PASSWORD, agent: str = FIREFOX, address: str = "192.0.2.1") -> Any:
        """The first step; status and answer."""
        headers = {"X-Client-Address": address, "User-Agent": agent}
        return await self.door.post("sessions", {"email": self.email, "password": password}, headers)

    async def sign_in(self, agent: str = FIREFOX) -> None:
        status, answer = await self.password(agent=agent)
        if status == 401:
            status, answer = await self.second(answer["challenge"], code=self.code(), agent=agent)
        assert status == 201, answer
        self.opened(answer)

    async def second(self, challenge: str, *, agent: str = FIREFOX, **proof: Any) -> Any:
        headers = {"User-Agent": agent}
        return await self.door.post("sessions/second-factor", {"challenge": challenge, **proof}, headers)

    async def challenge(self) -> str:
        status, problem = await self.password()
        assert (status, problem["type"]) == (401, "/problems/second-factor-needed")
        return str(problem["challenge"])

    def code(self, drift: int = 0) -> str:
        return code_of(self.secret, step_of(self.clock().timestamp()) + drift)

    async def add_app(self) -> None:
        _, made = await self.post("me/totp")
        self.secret = made["secret"]
        status, enrolled = await self.post("me/totp/confirmation", {"code": self.code()})
        assert status == 201, enrolled
        self.recovery_codes = enrolled["recovery_codes"]
        self.opened(enrolled["session"])
        # That code has served; what comes next begins with the next one.
        self.clock.pass_(seconds=30)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.door.post(path, body, self.headers)

    async def get(self, path: str) -> Any:
        return await self.door.get(path, self.headers)

    async def delete(self, path: str) -> Any:
        response = await self.door.client.delete(f"/api/v1/{path}", headers=self.headers)
        return response.status, await response.json() if response.content_type.endswith("json") else None

    async def caller(self) -> Caller:
        return await self.door.issuer.tokens().caller(self.headers["Authorization"])

    async def told(self) -> list[Any]:
        """The kinds of what the owner was warned of, oldest first."""
        return [one["data"]["kind"] for one in await self.door.told("identity.security_noticed.v1")]


async def an_agent(door: Door, clock: MovableClock, roles: str = "editor") -> Person:
    """Nora, who chose a password and has no second factor."""
    await door.send(f"staff-imports?municipality_id={AURORE}", staff(f"{AGENT};Belkacem;Nora;{roles}"), door.manager)
    body = {"code": (await door.codes(AGENT))[-1], "email": AGENT, "password": PASSWORD}
    status, session = await door.post("agent-registrations", body, {"User-Agent": FIREFOX})
    assert status == 201, session
    person = Person(door, clock, AGENT)
    person.opened(session)
    return person


async def a_parent(door: Door, clock: MovableClock, email: str) -> Person:
    """Claire, whose family registered."""
    headers = await door.joined()
    return Person(door, clock, email, headers)
